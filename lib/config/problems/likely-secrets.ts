// A key that somebody pasted into the configuration must not be shown by the error that refuses it.
import { providers } from '../providers';

const mark = '[key]';

/** What keys of well-known services begin with, besides those that connectors know. */
const wellKnown =
  /\b(gh[opsur]_|github_pat_|glpat-|xox[abeprs]-|(AKIA|ASIA)[A-Z0-9]{12}|AIza|eyJ[\w-]{8,}\.)[\w.=-]*/;
const privateKeys = /-----BEGIN [A-Z ]*KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g;
/** Between blanks, quotes and brackets. */
const words = /[^\s"'`,;:(){}[\]<>\\]+/g;
const shortest = 20;

/** The text with everything in it that looks like a key replaced by `[key]`. */
export function withoutLikelySecrets(text: string): string {
  return text.replace(privateKeys, mark).replace(words, word => (isLikelySecret(word) ? mark : word));
}

/** True where the text holds what begins as the keys of one provider do, and nothing else. */
export function holdsKey(text: string): boolean {
  return text.search(privateKeys) >= 0 || (text.match(words) ?? []).some(bearsMark);
}

function isLikelySecret(word: string): boolean {
  if (bearsMark(word)) return true;
  // Names of roles and the like hold capitals and digits, too; they follow what they are names of.
  if (/^(role|policy|assumed-role|user)\//.test(word)) return false;
  return isRandom(word) || [/[.=&?@]/, /[/.=&?@]/].some(ends => word.split(ends).some(isRandom));
}

/** The words that keys of some connectors begin with, such as `SG.` and `sk-`. */
const marks = Object.values(providers).flatMap(({ secretPattern }) => {
  const begin = /^\^((?:\\[.\-/]|[A-Za-z0-9_-])+)(?![?*{|])/.exec(secretPattern.source)?.[1] ?? '';
  const literal = begin.replaceAll('\\', '');
  return literal.length > 2 ? [literal] : [];
});

function bearsMark(word: string): boolean {
  if (wellKnown.test(word)) return true;
  return marks.some(begin => {
    const at = word.indexOf(begin);
    return at >= 0 && !/\w/.test(word.charAt(at - 1)) && word.length - at - begin.length >= 12;
  });
}

/** Letters and digits that no person would have chosen. */
function isRandom(word: string): boolean {
  if (word.length < shortest) return false;
  const digitGroups = word.match(/\d+/g)?.length ?? 0;
  if (/^[0-9a-f]{32,}$/i.test(word) && digitGroups >= 3) return true;
  const hasBothCases = /[a-z]/.test(word) && /[A-Z]/.test(word);
  if (hasBothCases && digitGroups >= 2) return /^[\w+/=~-]+$/.test(word);
  return /^[a-z0-9]+$/i.test(word) && digitGroups >= 4;
}
