// What comes in through the function's URL: anybody on the internet can send it, and everybody gets the same answer. An answer that
// told a good signature from a bad one, or a live key from any other text, would be a place to try keys out.
import { createHmac, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import type { Find, Scanner } from '../../../core/leaks/leak-report';
import {
  isGitGuardianSignature,
  isGithubSignature,
  isTruffleHogSignature,
} from '../../../core/leaks/signatures';
import type { Clock } from '../../../core/provider';
import { minuteMs } from '../../../core/time';
import { logger } from '../runtime/logger';
import type { GithubKeys } from './github-keys';
import { readReport } from './report-formats';
import type { SigningTokens } from './signing-tokens';

/** Taken, whatever it was. */
export const taken = { statusCode: 202, headers: { 'content-type': 'application/json' }, body: '[]' };
export type WebHookAnswer = typeof taken;

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
const urlEvent = z.object({
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  headers: z.record(z.string(), z.string()),
  body: z.optional(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});

export interface WebHook {
  method: string;
  /** By name in small letters. */
  headers: ReadonlyMap<string, string>;
  /** Exactly as it came: signatures are made over it. */
  body: Buffer;
}

/** @returns `undefined` for what did not come through a function URL */
export function readWebHook(event: unknown): WebHook | undefined {
  const read = urlEvent.safeParse(event);
  if (!read.success) return undefined;
  const { requestContext, headers, body = '', isBase64Encoded = false } = read.data;
  return {
    method: requestContext.http.method,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

export interface Senders {
  /** The scanners that the environment takes reports from. */
  scanners: readonly Scanner[];
  githubKeys: GithubKeys;
  tokens: SigningTokens;
  clock: Clock;
}

export interface SignedReport {
  scanner: Scanner;
  finds: Find[];
}

/**
 * @returns `undefined` for what nobody signed whom the environment takes reports from, and for what is no report
 * @throws where it cannot be known now: then the sender has to send it again
 */
export async function readSigned(hook: WebHook, senders: Senders): Promise<SignedReport | undefined> {
  const scanner = scannerOf(hook);
  if (hook.method !== 'POST' || !scanner || !senders.scanners.includes(scanner))
    return refused('it has no signature of a scanner that this environment takes reports from');
  if (!(await isSigned(hook, scanner, senders))) return refused(`it is not signed by ${scanner}`);
  const finds = readReport(scanner, hook.body.toString('utf8'));
  if (!finds) return refused(`${scanner} signed it, but it does not have the form of its reports`);
  return { scanner, finds };
}

/** For people who look why nothing happens: nothing of what was sent is passed on. */
function refused(why: string): undefined {
  logger.warn('refused a report of a leak', { why });
}

const signatureHeaders: Record<Scanner, string> = {
  github: 'github-public-key-signature',
  gitguardian: 'gitguardian-signature',
  trufflehog: 'x-hub-signature',
};

function scannerOf({ headers }: WebHook): Scanner | undefined {
  const names = Object.keys(signatureHeaders) as Scanner[];
  return names.find(scanner => headers.has(signatureHeaders[scanner]));
}

async function isSigned({ headers, body }: WebHook, scanner: Scanner, senders: Senders): Promise<boolean> {
  const header = (name: string) => headers.get(name) ?? '';
  const signature = header(signatureHeaders[scanner]);
  if (scanner === 'github') {
    const publicKey = await senders.githubKeys(header('github-public-key-identifier'));
    return publicKey !== undefined && isGithubSignature(body, signature, publicKey);
  }
  const token = await senders.tokens(scanner);
  if (!token) return false;
  if (scanner === 'trufflehog') return isTruffleHogSignature(body, signature, token);
  const stamped = { signature, timestamp: header('timestamp') };
  return isGitGuardianSignature(body, stamped, token, senders.clock.now());
}

const rememberedMs = 10 * minuteMs;
const rememberedAtMost = 1_000;

/**
 * The bodies of reports that were taken a while ago, by hashes under a salt of this sandbox. GitHub signs no time, so whoever has one
 * of its reports can send it for ever: it must not cost a look at every key each time.
 */
export function createSeenReports(clock: Clock) {
  const salt = randomBytes(32);
  const seen = new Map<string, number>();
  return {
    /** Runs it, unless the same body was taken before; one whose run failed was not. */
    async once(body: Buffer, run: () => Promise<unknown>): Promise<void> {
      const id = createHmac('sha256', salt).update(body).digest('hex');
      const now = clock.now().getTime();
      if (now - (seen.get(id) ?? Number.NEGATIVE_INFINITY) < rememberedMs) return;
      await run();
      const [oldest] = seen.keys();
      if (seen.size >= rememberedAtMost && oldest) seen.delete(oldest);
      seen.delete(id);
      seen.set(id, now);
    },
  };
}
