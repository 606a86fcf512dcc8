// What a key may do: scopes that its provider has, none by accident, and those that can make keys only with a reason.
import { nearest } from '../../../core/key/nearest';
import { quoted } from '../problems/problem';
import { isKnownScope } from '../providers';
import type { KeyRule } from './config-rules';

const scopesAreGiven: KeyRule = ({ spec }, { scopes, title }) =>
  scopes === 'required' && spec.scopes.length === 0
    ? `scopes [] would let ${title} grant anything, up to full access; name the scopes that the server needs`
    : undefined;

const scopesAreKnown: KeyRule = ({ spec }, { scopes, title }) =>
  scopes === 'none' && spec.scopes.length > 0
    ? `scopes ${quoted(spec.scopes)} have no effect, since ${title} keys have no scopes; remove them`
    : undefined;

const scopesAreNamedOnce: KeyRule = ({ spec: { scopes } }) => {
  const twice = scopes.find((scope, at) => scopes.indexOf(scope) < at);
  return twice && `scopes ${quoted(scopes)} name ${quoted(twice)} twice; name it once`;
};

const scopesAreOfProvider: KeyRule = ({ spec, reason = '' }, { knownScopes, title }) => {
  const wrong = spec.scopes.find(scope => !isKnownScope(knownScopes, scope) && !hasWord(reason, scope));
  if (wrong === undefined || !knownScopes) return undefined;
  if ('open' in knownScopes)
    return `scopes ${quoted(wrong)} is not a scope of ${title}; write it like ${knownScopes.form?.like}`;
  const { names, source } = knownScopes;
  const known = nearest(wrong, names);
  return `scopes ${quoted(wrong)} is not a scope that ${title} documents; use ${known ? `"${known}"` : `one of those at ${source}`}, or, if ${title} has added it since, name it in "reason"`;
};

/** As a whole word: a reason that names `mail.send.all` says nothing of `mail.send`. */
function hasWord(text: string, word: string): boolean {
  return text.split(/[^\w./:*-]+/).some(each => each.replace(/[.:]+$/, '') === word);
}

const adminPowerHasReason: KeyRule = ({ spec, reason }, { adminScopes, adminSettings }) => {
  const scopes = spec.scopes.filter(scope => adminScopes?.test(scope));
  const admin = scopes.length ? scopes : (adminSettings?.(spec.settings) ?? []);
  if (!admin.length || reason) return undefined;
  return `${scopes.length ? 'scopes' : 'settings'} ${quoted(admin)} can create keys or change members; remove them, or say why they are needed in "reason"`;
};

export const scopeRules: KeyRule[] = [
  scopesAreNamedOnce,
  scopesAreOfProvider,
  scopesAreGiven,
  scopesAreKnown,
  adminPowerHasReason,
];
