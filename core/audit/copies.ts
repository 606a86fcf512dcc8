// Copies of keys in plain text, in places of the account that people and programs may look at.
import { createRedaction } from '../text/redaction';
import { type AuditFinding, finding } from './finding';

/** A secret text, with where Keyturn holds it. */
export interface HeldSecret {
  value: string;
  /** `prod/sendgrid/support-bot`, `issuer credential of sendgrid in prod` */
  subject: string;
  /** Short name; absent for an issuer credential. */
  key?: string;
  /** `AWSCURRENT` */
  labels: readonly string[];
}

/** Text that somebody wrote somewhere. */
export interface WrittenText {
  /** What people call the place that holds it: `the Lambda function web`. */
  holder: string;
  /** Where in there: `its variable OPENAI_API_KEY`. */
  field: string;
  text: string;
  /** How a copy there is replaced: a sentence. */
  fix: string;
}

export interface SecretSearch {
  find(text: string): HeldSecret[];
  /** The text without any of the secrets: names of places may hold one, too. */
  hide(text: string): string;
}

type FindSecrets = SecretSearch['find'];

/** As many at once as fit a function's memory with all the forms in which a secret may be written. */
const atOnce = 500;
const parts = 8;

/** Each text is searched for all secrets together, and only where one is in it for which. */
export function createSecretSearch(secrets: readonly HeldSecret[]): SecretSearch {
  const groups = chunks(secrets, atOnce).map(createGroup);
  const find: FindSecrets = text => groups.flatMap(group => group(text));
  return {
    find,
    hide(text) {
      const found = find(text);
      return found.length ? createRedaction(found.map(({ value }) => value)).redact(text) : text;
    },
  };
}

function createGroup(secrets: readonly HeldSecret[]): FindSecrets {
  const redaction = createRedaction(secrets.map(({ value }) => value));
  let within: FindSecrets[] | undefined;
  return text => {
    if (!redaction.holds(text)) return [];
    if (new Set(secrets.map(({ value }) => value)).size === 1) return [...secrets];
    within ??= chunks(secrets, Math.ceil(secrets.length / parts)).map(createGroup);
    return within.flatMap(find => find(text));
  };
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

/** One finding for each place, with all that is copied there. */
export function findCopies(texts: Iterable<WrittenText>, { find, hide }: SecretSearch): AuditFinding[] {
  const places = new Map<string, { fix: string; copies: { field: string; secret: HeldSecret }[] }>();
  for (const { holder, field, text, fix } of texts) {
    const copies = find(text).map(secret => ({ field, secret }));
    if (!copies.length) continue;
    const place = places.get(holder) ?? { fix, copies: [] };
    place.copies.push(...copies);
    places.set(holder, place);
  }
  return [...places].map(([holder, { fix, copies }]) => {
    const evidence = copies.map(({ field, secret }) => `In ${hide(field)}: ${described(secret)}.`);
    return finding('plain-text-copy', {
      subject: hide(holder),
      keys: [...new Set(copies.flatMap(({ secret }) => secret.key ?? []))].sort(),
      evidence: [...new Set(evidence)],
      fix: `${hide(fix)} ${replaced(copies.map(({ secret }) => secret))}`,
    });
  });
}

function described({ subject, labels }: HeldSecret): string {
  const which = ['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING'].find(label => labels.includes(label));
  const words = { AWSCURRENT: 'the current', AWSPREVIOUS: 'the previous', AWSPENDING: 'the pending' };
  return `${which ? words[which as keyof typeof words] : 'an older'} version of ${subject}`;
}

/** What was copied may be known to others: it is replaced, too. */
function replaced(secrets: readonly HeldSecret[]): string {
  const keys = [...new Set(secrets.flatMap(({ key }) => key ?? []))].sort();
  const shown = keys.slice(0, 5).map(key => `\`npx keyturn rotate ${key}\``);
  const rest = keys.length > shown.length ? ` and ${keys.length - shown.length} more` : '';
  const issuers = [...new Set(secrets.flatMap(({ key, subject }) => (key === undefined ? [subject] : [])))];
  return [
    ...(shown.length ? [`Then replace what was copied: ${shown.join(', ')}${rest}.`] : []),
    ...issuers.map(issuer => `Then replace the ${issuer} at the provider with \`npx keyturn issuer set\`.`),
  ].join(' ');
}
