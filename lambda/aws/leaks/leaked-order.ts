// What `keyturn leaked` sends, and gets: HMACs under a salt of one run, so that no key leaves the machine where it was found.
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import type { Find } from '../../../core/leaks/leak-report';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const line = z.string().check(z.minLength(1), z.maxLength(500), z.regex(/^[^\p{Cc}\u2028\u2029]*$/u));

const shape = z.strictObject({
  kind: z.literal('leaked'),
  salt: hex,
  finds: z
    .array(z.strictObject({ as: z.literal('hmac'), value: hex, where: z.optional(line) }))
    .check(z.minLength(1), z.maxLength(10_000)),
});

export type LeakedOrder = z.output<typeof shape>;

export interface LeakedAnswer {
  /** Keys that could not be read, where a find may be one of them. */
  unread: number;
  keys: {
    /** `prod/sendgrid/support-bot` */
    key: string;
    labels: string[];
    versionId: string;
    /** Values of the finds that are this key. */
    finds: string[];
    incidentId: string;
  }[];
}

/** @throws {KeyturnError} bad-event */
export function readLeakedOrder(event: unknown): { salt: string; finds: Find[] } {
  const read = shape.safeParse(event);
  if (read.success) return read.data;
  throw new KeyturnError(
    'bad-event',
    'the event is neither a request to the URL of this function nor what `npx keyturn leaked` sends; nothing was done',
  );
}
