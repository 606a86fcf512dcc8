// What can be wrong with the keys of a server before it makes its first call. No finding quotes a value, not even a part.
import { shortName } from '../../core/key/key-address';
import { malformation } from '../../core/key/malformed';
import { nearest } from '../../core/key/nearest';
import type { Variable } from './variables';

export type Problem =
  | 'missing'
  | 'misnamed'
  | 'malformed'
  /** It does not look like a key of its provider. */
  | 'unlikely'
  /** Secrets Manager holds no such key, or does not give it out. */
  | 'unreadable'
  | 'expiring'
  | 'dead'
  /** The provider could not be asked. */
  | 'unproven';

export interface Finding {
  problem: Problem;
  /** A warning may be nothing; with an error the server cannot work. */
  severity: 'error' | 'warning';
  variable: string;
  /** `prod/sendgrid/support-bot` */
  key: string;
  /** What is wrong, and the fix. */
  text: string;
}

/** What is known of a provider's keys. */
export interface KeyTraits {
  title: string;
  secretPattern: RegExp;
  /** What only its keys begin with or contain, where it marks them so. */
  secretMark?: RegExp;
}

/** Of every provider that is known, by its name. */
export type Traits = Readonly<Record<string, KeyTraits>>;

/** Where a value was found: that decides what to do about it. */
export type ValueSource = 'environment' | 'secret';

export function finding(
  variable: Variable,
  problem: Problem,
  text: string,
  severity: Finding['severity'] = 'error',
): Finding {
  return { problem, severity, variable: variable.name, key: shortName(variable.address), text };
}

/** A variable that is not set; names a set one that is likely to be meant. */
export function checkAbsence(
  variable: Variable,
  env: NodeJS.ProcessEnv,
  isNeeded: boolean,
): Finding | undefined {
  const { name } = variable;
  const meant = likelyMeant(name, Object.keys(env));
  const fix = 'start the server with `npx keyturn run`, which sets it';
  if (meant) {
    const text = `${meant} is set, but the server reads ${name}; rename it, or ${fix}`;
    return finding(variable, 'misnamed', text, isNeeded ? 'error' : 'warning');
  }
  return isNeeded ? finding(variable, 'missing', `${name} is not set; ${fix}`) : undefined;
}

export function checkValue(
  variable: Variable,
  value: string,
  source: ValueSource,
  traits: Traits,
): Finding | undefined {
  const key = shortName(variable.address);
  const inEnvironment = source === 'environment';
  const where = inEnvironment ? variable.name : `the key ${key}, as stored,`;
  const fix = inEnvironment
    ? 'set it to the key alone'
    : `store it again with \`npx keyturn adopt ${key} --replace\``;
  const wrong = malformation(value);
  if (wrong) return finding(variable, 'malformed', `${where} ${wrong}; ${fix}`);
  const own = variable.field === 'secret' ? traits[variable.address.provider] : undefined;
  if (!own || own.secretPattern.test(value)) return undefined;
  const others = Object.values(traits).filter(provider => provider !== own);
  const other =
    others.find(({ secretMark }) => secretMark?.test(value)) ??
    others.find(provider => beginsLike(provider, value));
  const looks = other
    ? `looks like a key of ${other.title} and should be one of ${own.title}`
    : beginsLike(own, value)
      ? `begins like a key of ${own.title} but is incomplete`
      : `does not look like a key of ${own.title}`;
  return finding(
    variable,
    'unlikely',
    `${where} ${looks}; compare it with what ${own.title} shows`,
    'warning',
  );
}

export function checkExpiry(
  variable: Variable,
  expiresAt: string | undefined,
  now: Date,
  neededMs: number,
  isToken: boolean,
): Finding | undefined {
  if (expiresAt === undefined || Date.parse(expiresAt) > now.getTime() + neededMs) return undefined;
  const key = shortName(variable.address);
  const what = `the ${isToken ? 'token' : 'key'} ${key}`;
  const fix = isToken
    ? 'fetch a new one when it expires, as `keys.use` and `npx keyturn run` do'
    : `create a new one with \`npx keyturn rotate ${key}\``;
  const isOver = Date.parse(expiresAt) <= now.getTime();
  const text = isOver
    ? `expired at ${expiresAt}`
    : `expires at ${expiresAt}, which is sooner than you need it`;
  return finding(variable, 'expiring', `${what} ${text}; ${fix}`);
}

/** `API_KEY` for `MCP_API_KEY`: the same words less or more, or nearly the same letters. */
function likelyMeant(name: string, set: string[]): string | undefined {
  const candidates = set.filter(other => /KEY|TOKEN|SECRET|PASS|CRED|AUTH|PAT\b/i.test(other));
  const words = name.toUpperCase().split('_');
  const contains = (longer: string[], shorter: string[]) =>
    shorter.length > 1 && longer.join('_').includes(shorter.join('_'));
  const kin = candidates.find(other => {
    const others = other.toUpperCase().split('_');
    return contains(words, others) || contains(others, words);
  });
  return kin ?? nearest(name, candidates);
}

/** True where the value begins as all keys of this provider do. */
function beginsLike({ secretPattern }: KeyTraits, value: string): boolean {
  const mark =
    /^\^((?:\\[.\-/]|[A-Za-z0-9_-])+)(?![?*{|])/.exec(secretPattern.source)?.[1]?.replaceAll('\\', '') ?? '';
  return mark.length > 1 && value.startsWith(mark);
}
