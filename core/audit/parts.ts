// An audit is asked part by part, and some parts page by page: so a person sees how far it is, and no answer is too long.
import type { PartAnswer } from './finding';

/** `provider` is asked for each provider in use, every other once. */
const partNames = ['keys', 'ends', 'access', 'copies', 'watching', 'provider'] as const;
/** `place:<key>` is no part of an audit: it looks for one key in the list where that key of Keyturn's belongs. */
export type PartName = (typeof partNames)[number] | 'place';

/** In the order in which they are asked: `keys`, `provider:sendgrid`, ... @param providers those in use */
export function partsOf(providers: readonly string[]): string[] {
  return partNames.flatMap(name =>
    name === 'provider' ? providers.map(provider => `${name}:${provider}`) : [name],
  );
}

export interface PartRequest {
  /** One of `partsOf`, or `place:prod/sendgrid/support-bot`. */
  part: string;
  /** Of this run, for prints: 32 to 128 hexadecimal digits. */
  salt: string;
  /** For how many days a key may be unused. @default 90 */
  unusedDays?: number;
  /** The `next` of the page before. @default - the first page */
  from?: string;
  /** Of the key that the part `place` looks for. */
  keyId?: string;
}

/** One page of a part. */
export type AskPage = (request: PartRequest) => Promise<PartAnswer>;

/** Every page of a part, each asked for when the one before has been taken. */
export async function* pagesOf(ask: AskPage, request: Omit<PartRequest, 'from'>): AsyncGenerator<PartAnswer> {
  let from: string | undefined;
  do {
    const answer = await ask({ ...request, ...(from !== undefined && { from }) });
    yield answer;
    from = answer.next;
  } while (from !== undefined);
}
