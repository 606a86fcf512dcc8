// What stands in the table orders something, so it is checked as it is read: nobody but Keyturn's functions should be able to
// write there, and what they cannot have written is refused, whoever wrote it.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import {
  incidentIdPattern,
  incidentTime,
  silencedAtMostMs,
  type Trigger,
} from '../../../core/incident/incident';
import { type Signal, type SignalPolicy, signals } from '../../../core/incident/signals';
import { namePart, namePartMaxLength, shortName } from '../../../core/key/key-address';
import { scanners } from '../../../core/leaks/leak-report';
import { dayMs, hourMs } from '../../../core/time';
import { type Item, incidentKey } from './table';

/** How long something can be under way before an incident about it begins, and how long it is taken up. */
export const unfinishedWithinMs = 14 * dayMs;
/** Clocks differ. */
const aheadAtMostMs = hourMs;

const part = z.string().check(z.regex(namePart), z.maxLength(namePartMaxLength));
const address = z.strictObject({ environment: part, provider: part, server: part, purpose: part });
const date = z.string().check(z.refine(text => !Number.isNaN(Date.parse(text)), 'is not a date'));
const line = z.string().check(z.maxLength(2_000));
const signalOf = (source: SignalPolicy['source']) =>
  z.enum((Object.keys(signals) as Signal[]).filter(signal => signals[signal].source === source) as [Signal]);
/** As CloudTrail names whoever read. Paths of roles take every visible character, and some calls of AWS name no service. */
const principal = z
  .string()
  .check(
    z.maxLength(2_000),
    z.regex(/^(arn:[\w-]+:(iam|sts)::\d{12}:[!-~]+|[\w.-]+\.amazonaws\.com|AWS Internal|unknown)$/),
  );

const watched = z.object({ by: z.literal('watch'), signal: signalOf('watch'), principal, source: line });
const reported = z.object({
  by: z.literal('report'),
  signal: signalOf('report'),
  reporter: z.enum(['person', ...scanners]),
  where: z.optional(line),
  versionId: z.string().check(z.regex(/^[\w-]{32,64}$/)),
});
const trigger = {
  incidentId: z.string().check(z.regex(incidentIdPattern)),
  address,
  at: date,
  drill: z.boolean(),
  dryRun: z.boolean(),
};
const signalRecord = z.strictObject({
  ...trigger,
  cause: z.union([watched, reported]),
  drill: z.literal(false),
  dryRun: z.literal(false),
});
const orderFields = {
  response: z.enum(['replace-first', 'revoke-first', 'end']),
  graceSeconds: z.number().check(z.minimum(0), z.maximum(600)),
};
const person = { by: z.literal('person'), requestedBy: line, reason: line };
const incidentRecord = z.union([
  z.object({
    ...trigger,
    openedAt: date,
    cause: z.union([
      watched,
      reported,
      z.object({ by: z.literal('alarm'), signal: signalOf('alarm'), alarmArn: line }),
      z.object({ ...person, ...orderFields }),
    ]),
  }),
  // As 0.1.0 wrote it.
  z.object({ ...trigger, openedAt: date, cause: z.object(person), ordered: z.object(orderFields) }),
]);
const statuses = ['open', 'waiting', 'check-again'];

/**
 * @param item that of `signalKey(id)`
 * @throws {KeyturnError} bad-event, where no function of ours can have written it
 */
export function readSignal(item: Item | undefined, id: string, environment: string, now: Date): Trigger {
  const parsed = signalRecord.safeParse(json(item?.trigger?.S));
  if (!parsed.success) throw refused(`the signal ${id}`, faultOf(parsed.error));
  const { data } = parsed;
  if (data.incidentId !== id) throw refused(`the signal ${id}`, 'it has the id of another');
  if (data.address.environment !== environment)
    throw refused(`the signal ${id}`, `it names ${shortName(data.address)}, of another environment`);
  const at = new Date(data.at);
  const fault = faultOfTime(id, at, now);
  if (fault) throw refused(`the signal ${id}`, fault);
  return { ...data, at };
}

/** @returns what is wrong with the record of an incident that is to be taken up; `undefined` where nothing is */
export function faultOfIncident(item: Item, now: Date): string | undefined {
  const parsed = incidentRecord.safeParse(json(item.incident?.S));
  if (!parsed.success) return faultOf(parsed.error);
  const { incidentId, address, at, openedAt } = parsed.data;
  if (incidentKey(incidentId, address).sk?.S !== item.sk?.S) return 'it is stored under the key of another';
  if (!statuses.includes(item.status?.S ?? '')) return 'its status is not that of an unfinished incident';
  const openedMs = Date.parse(openedAt);
  if (openedMs > now.getTime() + aheadAtMostMs) return 'it was opened in the future';
  return faultOfTime(incidentId, new Date(at), now);
}

/** @returns until when a key is silenced, if its item says so; `never` where no order can have said that */
export function readSilence(item: Item | undefined, now: Date): Date | 'never' | undefined {
  if (!item?.silencedUntil) return undefined;
  const until = Number(item.silencedUntil.N ?? Number.NaN);
  const isPossible = until <= now.getTime() + silencedAtMostMs + aheadAtMostMs;
  return isPossible ? new Date(until) : 'never';
}

function faultOfTime(incidentId: string, at: Date, now: Date): string | undefined {
  if (!incidentId.startsWith(incidentTime(at))) return 'its id is of another time';
  const ageMs = now.getTime() - at.getTime();
  if (ageMs > unfinishedWithinMs || ageMs < -aheadAtMostMs)
    return `it is of ${at.toISOString()}, which is too long ago or in the future`;
  return undefined;
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** Which field is wrong; its value could be anybody's text. */
function faultOf({ issues: [issue] }: z.core.$ZodError): string {
  const field = issue?.path.join('.');
  return field ? `its "${field}" is not possible` : 'it does not have the shape that Keyturn writes';
}

function refused(what: string, fault: string): KeyturnError {
  return new KeyturnError(
    'bad-event',
    `${what} was not recorded by Keyturn (${fault}); nothing was done, and on-call is notified, because someone may be trying to get keys revoked`,
  );
}
