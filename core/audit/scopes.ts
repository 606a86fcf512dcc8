// What keys can do, by their scopes: more than asked for, the same as another, or everything.
import { groupedBy } from '../grouped-by';
import type { KeyAddress } from '../key/key-address';
import { type AuditFinding, finding } from './finding';

export interface ScopedKey {
  /** Short name. */
  key: string;
  address: KeyAddress;
  /** As the configuration asks for. */
  scopes: readonly string[];
}

/** True where whoever has the first can do all that the second allows, as far as their names tell. */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*') return true;
  // `mail.*`, `repo:*`
  if (/[.:/]\*$/.test(wide)) return narrow.startsWith(wide.slice(0, -1));
  // GitHub's `contents:write`, and GitLab's `write_repository` and `api`, can do what the same with `read` can.
  const level = /^(.+):(read|write|admin)$/;
  const [, thing, may] = level.exec(wide) ?? [];
  const [, ofThing, asks] = level.exec(narrow) ?? [];
  const levels = ['read', 'write', 'admin'];
  if (thing !== undefined && thing === ofThing)
    return levels.indexOf(may ?? '') >= levels.indexOf(asks ?? '');
  const [, readable] = /^read_(.+)$/.exec(narrow) ?? [];
  return readable !== undefined && (wide === readable || wide === `write_${readable}`);
}

export function scopesBeyond(has: readonly string[], asked: readonly string[]): string[] {
  return has.filter(scope => !asked.some(wide => covers(wide, scope)));
}

export function findBeyondConfig(
  { key, scopes }: Pick<ScopedKey, 'key' | 'scopes'>,
  has: readonly string[] | undefined,
  saidBy: string,
): AuditFinding[] {
  const more = scopesBeyond(has ?? [], scopes);
  if (!more.length) return [];
  return [
    finding('scopes-beyond-config', {
      subject: key,
      keys: [key],
      evidence: [
        `${saidBy} it has ${list(more)} besides ${scopes.length ? list(scopes) : 'none'}, which the configuration asks for.`,
      ],
      fix: `\`npx keyturn rotate ${key}\` creates a key with the configured scopes. If the server needs the others, add them to the configuration first.`,
    }),
  ];
}

/** @param excess what the credential may do, and Keyturn does not need for itself */
export function findPowerfulIssuer(
  environment: string,
  provider: string,
  excess: readonly string[],
  keys: readonly { scopes: readonly string[] }[],
): AuditFinding[] {
  // It can only grant what it has.
  const more = scopesBeyond(
    excess,
    keys.flatMap(({ scopes }) => scopes),
  );
  if (!more.length) return [];
  return [
    finding('powerful-issuer', {
      subject: `issuer credential of ${provider} in ${environment}`,
      keys: [],
      provider,
      evidence: [`It also has ${list(more)}, which neither Keyturn nor its keys need.`],
      fix: `Create one at the provider that can do no more than Keyturn needs, and store it: \`npx keyturn issuer set ${provider} --env ${environment}\`.`,
    }),
  ];
}

/** @param admin what its scopes with admin power look like; absent where the provider has none */
export function findSeveralAdmins(
  provider: string,
  keys: readonly ScopedKey[],
  admin: RegExp | undefined,
): AuditFinding[] {
  const powerful = keys.flatMap(({ key, scopes }) => {
    const found = scopes.filter(scope => admin?.test(scope));
    return found.length ? [{ key, scopes: found }] : [];
  });
  const [first] = powerful;
  if (!first || powerful.length < 2) return [];
  const environment = first.key.split('/')[0] ?? '';
  return [
    finding('several-admin-keys', {
      subject: `${provider} in ${environment}`,
      keys: powerful.map(({ key }) => key).sort(),
      evidence: powerful.map(({ key, scopes }) => `${key} has ${list(scopes)}.`).sort(),
      fix: `Let only one server do what needs these scopes; narrow the scopes of the others in config/keys.ts, deploy, and \`npx keyturn rotate --env ${environment} --provider ${provider}\`.`,
    }),
  ];
}

/**
 * Of one server: any overlap. Of several servers: where the keys of one can do all that those of another are there for, and
 * more. The same scopes on several servers are as they should be: a key for each.
 */
export function findOverlaps(provider: string, keys: readonly ScopedKey[]): AuditFinding[] {
  const scoped = keys.filter(({ scopes }) => scopes.length);
  const servers = [...new Set(scoped.map(({ address }) => address.server))].sort();
  const ofServer = (server: string) => scoped.filter(({ address }) => address.server === server);
  const within = servers.flatMap(server => overlaps(ofServer(server)).map(found => ({ server, ...found })));
  return [
    ...within.map(({ server, keys: both, what }) =>
      finding('overlapping-scopes', {
        subject: both.join(', '),
        keys: both,
        evidence: [`Both are keys of ${server} at ${provider}. ${what}`],
        fix: 'Let one key do it, or narrow the scopes of the wider one in config/keys.ts; then deploy, and rotate it.',
      }),
    ),
    ...acrossServers(provider, scoped),
  ];
}

interface Overlap {
  keys: string[];
  /** In words. */
  what: string;
}

function overlaps(keys: readonly ScopedKey[]): Overlap[] {
  return pairs(keys).flatMap(([one, other]) => {
    const common = [...sharedScopes(one, other), ...sharedScopes(other, one)];
    if (!common.length) return [];
    const [wide, narrow] = contains(one, other) ? [one, other] : [other, one];
    const isWider = contains(wide, narrow);
    const what = isWider
      ? `${wide.key} can do all that ${narrow.key} can: ${list(narrow.scopes)}.`
      : `Each can do ${list([...new Set(common)])}.`;
    return [{ keys: [one.key, other.key].sort(), what }];
  });
}

/** One finding for each wider set of scopes, whatever the number of keys: a thousand alike would hide all others. */
function acrossServers(provider: string, keys: readonly ScopedKey[]): AuditFinding[] {
  const groups = [...groupedBy(keys, ({ scopes }) => JSON.stringify([...new Set(scopes)].sort())).values()];
  return groups.flatMap(wider => {
    const [wide] = wider;
    if (!wide) return [];
    const contained = groups.filter(([narrow]) => narrow && isStrictlyWider(wide, narrow)).flat();
    const others = contained.filter(({ address }) =>
      wider.some(key => key.address.server !== address.server),
    );
    const [first] = others;
    if (!first) return [];
    const names = (some: readonly ScopedKey[]) => firstFew(some.map(({ key }) => key).sort());
    return [
      finding('overlapping-scopes', {
        subject: `${provider}: ${wide.scopes.join(' ')}`,
        keys: [...wider, ...others].map(({ key }) => key).sort(),
        evidence: [`${names(wider)} can do ${list(wide.scopes)}, and with it all that ${names(others)} can.`],
        fix: 'If the servers of the wider keys do not need all their scopes, narrow them in config/keys.ts; then deploy, and rotate these keys.',
      }),
    ];
  });
}

/** Scopes of the second that the first allows, too. */
function sharedScopes(one: ScopedKey, other: ScopedKey): string[] {
  return other.scopes.filter(scope => one.scopes.some(wide => covers(wide, scope)));
}

function contains(wide: ScopedKey, narrow: ScopedKey): boolean {
  return sharedScopes(wide, narrow).length === narrow.scopes.length;
}

function isStrictlyWider(wide: ScopedKey, narrow: ScopedKey): boolean {
  return contains(wide, narrow) && !contains(narrow, wide);
}

function pairs<T>(all: readonly T[]): [T, T][] {
  return all.flatMap((one, at) => all.slice(at + 1).map((other): [T, T] => [one, other]));
}

const fewAtMost = 10;

/** `a, b and 12 more` */
export function firstFew(names: readonly string[]): string {
  const shown = names.slice(0, fewAtMost).join(', ');
  return names.length > fewAtMost ? `${shown} and ${names.length - fewAtMost} more` : shown;
}

function list(scopes: readonly string[]): string {
  return `[${firstFew(scopes)}]`;
}
