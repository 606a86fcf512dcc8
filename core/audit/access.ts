// Who can read secrets, held against whom the configuration names.
import { groupedBy } from '../grouped-by';
import { matchesRole } from '../incident/readers';
import { parseSecretName, shortName } from '../key/key-address';
import { type AuditFinding, finding } from './finding';

/** Whom the configuration lets read, as a deployment told it: never what the deployed policies say. */
export interface ExpectedReaders {
  /** ARNs of roles; `*` matches within a name. */
  admins: readonly string[];
  /** Short name of a key -> ARN of the role with which its server reads it. A key that is not here is read by a function alone. */
  servers: Readonly<Record<string, string>>;
  /** ARN of such a role -> ARN of the role of another account that assumes it. */
  assumedBy: Readonly<Record<string, string>>;
  /** Short names of keys that AWS rotates, by a role of its server's. @default - none */
  awsRotated?: readonly string[];
  /** Short names of keys whose value a function puts where their servers run. @default - none */
  handedOver?: readonly string[];
  /** Kinds of places outside AWS that keys are delivered to, each with a token beside the issuer credentials. @default - none */
  tokenPlaces?: readonly string[];
  /** Whether there is a function that compares reports of leaked keys with the keys. */
  takesLeakReports: boolean;
}

/** A secret with whoever can read it, expected or not. */
export interface SecretAudience {
  /** `prod/sendgrid/support-bot`, `issuer credential of sendgrid in prod` */
  subject: string;
  /** Name of the secret. */
  secretName: string;
  /** The provider of an issuer credential; absent for a key. */
  issuerOf?: string;
  readers: readonly PossibleReader[];
}

export interface PossibleReader {
  /** ARN; or, of whoever is let in without a name, words: `everyone in the account 111111111111`. */
  principal: string;
  /** False where it depends on what no policy tells. */
  isCertain: boolean;
  /** Statements that let it, for people. */
  through: readonly string[];
  /** What it depends on where it is not certain: `IpAddress aws:SourceIp 10.0.0.0/8`. */
  depends: readonly string[];
}

/** Short name where it is a key. */
const keyOf = ({ secretName, issuerOf }: SecretAudience) =>
  issuerOf === undefined ? [shortName(parseSecretName(secretName))] : [];

/** @param account that the environment is in: roles of Keyturn's functions are told by their names there */
export function isExpected(
  secret: SecretAudience,
  principal: string,
  expected: ExpectedReaders,
  { environment, account }: { environment: string; account: string },
): boolean {
  const { admins, servers } = expected;
  if (admins.some(admin => matchesRole(admin, principal))) return true;
  const [key] = keyOf(secret);
  if (key !== undefined && servers[key] === principal) return true;
  const [, home, role] = /^arn:[\w-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  if (home !== account || role === undefined) return false;
  return functionsFor(secret, expected).some(name => role === `keyturn-${environment}-${name}`);
}

/** What roles of Keyturn's own that may read it are called there. */
function functionsFor(
  secret: SecretAudience,
  { servers, awsRotated = [], handedOver = [], tokenPlaces = [], takesLeakReports }: ExpectedReaders,
): string[] {
  const { issuerOf } = secret;
  if (issuerOf !== undefined && tokenPlaces.includes(issuerOf)) return ['deliver'];
  const functions = ['retire', 'emergency-revoke', 'audit', `rotate-${providerOf(secret)}`];
  if (issuerOf !== undefined) return functions;
  const address = parseSecretName(secret.secretName);
  const key = shortName(address);
  if (awsRotated.includes(key)) functions.push(`rotation-${address.server}`);
  if (servers[key] === undefined) functions.push(`token-${address.server}`);
  if (handedOver.includes(key)) functions.push('deliver');
  // It compares keys alone: the internet can reach it.
  if (takesLeakReports) functions.push('leak-report');
  return functions;
}

function providerOf({ secretName, issuerOf }: SecretAudience): string {
  return issuerOf ?? parseSecretName(secretName).provider;
}

/** One finding for each principal, however many secrets it can read. @param unexpected with the readers that nobody named alone */
export function findUnexpectedReaders(unexpected: readonly SecretAudience[]): AuditFinding[] {
  const reads = unexpected.flatMap(secret => secret.readers.map(reader => ({ secret, reader })));
  return [...groupedBy(reads, ({ reader }) => reader.principal)].flatMap(([principal, its]) => {
    const certain = its.filter(({ reader }) => reader.isCertain);
    const open = its.filter(({ reader }) => !reader.isCertain);
    return [
      ...readBy('readable-beyond-config', principal, certain),
      ...readBy('perhaps-readable', principal, open),
    ];
  });
}

function readBy(
  rule: 'readable-beyond-config' | 'perhaps-readable',
  principal: string,
  reads: readonly { secret: SecretAudience; reader: PossibleReader }[],
): AuditFinding[] {
  if (!reads.length) return [];
  const evidence = [...groupedBy(reads, ({ reader }) => wayOf(reader))].map(
    ([way, its]) => `It can read ${shortList(its.map(({ secret }) => secret.subject))} ${way}.`,
  );
  return [
    finding(rule, {
      subject: principal,
      keys: [...new Set(reads.flatMap(({ secret }) => keyOf(secret)))].sort(),
      evidence: evidence.slice(0, evidenceAtMost),
      fix: `If ${principal} should have this access, name it in config/keys.ts and deploy. If not, remove the statement from the policy, and find out in CloudTrail who added it.`,
    }),
  ];
}

function wayOf(reader: PossibleReader): string {
  const when = reader.isCertain ? '' : `, depending on ${reader.depends.join('; ')}`;
  return `through ${reader.through.join('; ')}${when}`;
}

const evidenceAtMost = 10;

/** A role of a server, and secrets of others that its own policies would let it read. */
export interface WideRole {
  role: string;
  /** Of its own keys, by short name. */
  keys: readonly string[];
  /** Of secrets that are not its own. */
  others: readonly { subject: string; through: readonly string[] }[];
}

export function findWideRoles(roles: readonly WideRole[]): AuditFinding[] {
  return roles.flatMap(({ role, keys, others }) => {
    if (!others.length) return [];
    const through = [...new Set(others.flatMap(other => other.through))];
    return [
      finding('wide-server-role', {
        subject: role,
        keys: [...keys].sort(),
        evidence: [
          `Its own policies allow it to read ${shortList(others.map(({ subject }) => subject))} besides its own keys, through: ${through.slice(0, evidenceAtMost).join('; ')}.`,
          'Only the policies of those secrets stop it.',
        ],
        fix: `Remove this permission from the policies of ${role}: a server needs no permission of its own to read its keys.`,
      }),
    ];
  });
}

/** Who may assume a role that reads keys. */
export interface OpenRole {
  role: string;
  keys: readonly string[];
  /** Principals of other accounts, or `*`, as its trust policy names them. */
  outsiders: readonly { principal: string; hasConditions: boolean }[];
}

export function findOpenRoles(roles: readonly OpenRole[], { assumedBy }: ExpectedReaders): AuditFinding[] {
  return roles.flatMap(({ role, keys, outsiders }) => {
    const named = assumedBy[role];
    const unlisted = outsiders.filter(
      ({ principal }) => named === undefined || accountIn(principal) !== accountIn(named),
    );
    if (!unlisted.length) return [];
    return [
      finding('reader-open-to-others', {
        subject: role,
        keys: [...keys].sort(),
        evidence: unlisted.map(
          ({ principal, hasConditions }) =>
            `Its trust policy lets ${principal === '*' ? 'anyone in any account' : principal} assume it${hasConditions ? ', under conditions' : ', without a condition'}.`,
        ),
        fix: `Remove the principal from the trust policy of ${role}, or name the role of the other account in config/keys.ts.`,
      }),
    ];
  });
}

/** Of an ARN, or the account itself. */
function accountIn(principal: string): string {
  return /^\d{12}$/.test(principal) ? principal : (principal.split(':')[4] ?? '');
}

const shownAtMost = 5;

function shortList(texts: readonly string[]): string {
  const all = [...new Set(texts)].sort();
  const more = all.length - shownAtMost;
  return more > 1 ? `${all.slice(0, shownAtMost).join(', ')} and ${more} more` : all.join(', ');
}
