// The only way out of a connector: bound to its origins; owns time-outs, redirects, response limits, retries and redaction.
// Error texts hold the method, the path and the status: never a query, a header or a body, all of which can hold secrets.
import type * as z from 'zod/mini';
import { type ErrorCode, hasCode, KeyturnError } from '../../core/errors';
import type { Clock, Verdict } from '../../core/provider';
import { dayMs } from '../../core/time';
import type { Transport } from '../transports/transport';
import { createAllowance } from './allowance';
import type { CallLimits } from './call-rate';
import { askedFor, exchange, type HttpReply, type HttpRequest, type Method } from './http-exchange';
import { backoffMs, toldWaitMs } from './http-waits';

export type { HttpReply, HttpRequest } from './http-exchange';

/** A call that must succeed. */
export interface HttpCall<Body = unknown> extends HttpRequest {
  /** Statuses that mean success besides 2xx, such as 404 where something shall be gone; every other one is thrown. */
  expect?: number[];
  /** What the issuer needs for this call, for the text of a 401 or 403: `the scope api_keys.create`. */
  needs: string;
  /** True for a call that carries the effect again if sent twice (a create): it is sent once, whatever happens. */
  once?: boolean;
  /** Statuses that mean "not yet" of what was asked for before and takes a while: then the call is sent again, as after trouble. */
  notYet?: number[];
  /** Shape of an answer that says that the work is still under way: then, too. */
  underWay?: z.ZodMiniType;
  /** Shape of the answer's body; any other is thrown as bad-reply. */
  reply?: z.ZodMiniType<Body>;
  /** Failures that the provider tells in words of its own, whatever the status, even 200. The first that fits. */
  causes?: readonly Cause[];
}

/** What a failed call means, the shape of the answer's body that says so, and the fix where the usual one misses. */
export type Cause = readonly [ErrorCode, z.ZodMiniType, string?];

/**
 * What answers to a probe mean: verdict, status, and shape of the body (parsed JSON, or the text of any other). The first that
 * fits; every other answer, and none, is `unknown`. A status alone says nothing: each row states the provider's own words.
 */
export type VerdictRules = readonly (readonly [Verdict, number, z.ZodMiniType])[];

export interface Http {
  /** For what is signed or dated by the caller. */
  now(): Date;
  /** @throws {KeyturnError} by status: issuer-rejected, refused, not-found, rate-limited, provider-down, bad-reply, no-answer */
  send<Body>(method: Method, path: string, call: HttpCall<Body>): Promise<HttpReply<Body>>;
  /** Asks with a key, and never throws. */
  probe(method: Method, path: string, request: HttpRequest, rules: VerdictRules): Promise<Verdict>;
}

/** Whom calls go to. */
export interface HttpTarget {
  provider: string;
  title: string;
  /** Scheme and host; the first is used unless a request names another of them. */
  origins: readonly string[];
  /** @default - HTTPS */
  transport?: Transport | undefined;
  clock: Clock;
  /** Shared by all who call this provider. */
  limits: CallLimits;
}

/** How often a call is sent, whatever goes wrong: nobody above sends it again before a minute has passed. */
const sendsAtMost = 4;
const waitedAtMostMs = 20_000;
const probeWaitsAtMostMs = 10_000;
/** A provider that wants more is asked again all the same. */
const longestToldWaitMs = dayMs;

const placesAtMost = 5;
const longestPlace = 60;

/** For one piece of work: what its answers may take together is in allowance.ts. */
export function createHttp(target: HttpTarget): Http {
  const { clock, limits, title } = target;
  const allowance = createAllowance(title, clock);
  const ask = (method: Method, path: string, request: HttpRequest) =>
    allowance.spend(askedFor(method, path, request), () => exchange(target, method, path, request));

  /** @returns how long the next send waits @throws the failure, where that is longer than it may be */
  async function pause(
    failure: KeyturnError,
    reply: HttpReply | undefined,
    sent: number,
    mayWaitMs: number,
  ): Promise<number> {
    const told = toldWaitMs(reply, clock.now());
    const wait = told ?? backoffMs(sent);
    const isRefused = hasCode(failure, 'rate-limited');
    // Later calls wait as well.
    if (isRefused) limits.rate.refused(Math.min(wait, waitedAtMostMs));
    if (wait > mayWaitMs) throw isRefused && told ? withRetryAt(failure, told, clock.now()) : failure;
    if (!isRefused) await clock.sleep(wait);
    return wait;
  }

  return {
    now: () => clock.now(),

    async send<Body>(method: Method, path: string, call: HttpCall<Body>): Promise<HttpReply<Body>> {
      const asked = askedFor(method, path, call);
      let waitLeft = waitedAtMostMs;
      for (let sent = 1; ; sent++) {
        await limits.rate.turn();
        const { reply, failure } = await limits.slots.run(() => attempt(target, method, path, call, ask));
        if (!failure) {
          limits.rate.answered();
          return { ...reply, body: readBody(target, asked, call, reply) };
        }
        const mayWaitMs = sent === sendsAtMost || !maySendAgain(limits, call, failure, reply) ? 0 : waitLeft;
        waitLeft -= await pause(failure, reply, sent, mayWaitMs);
      }
    },

    async probe(method, path, request, rules) {
      // The connection ends with its answer: the next probe meets the provider's load balancer, and not the same server again.
      const alone = { ...request, headers: { ...request.headers, connection: 'close' } };
      const once = async () => {
        await limits.rate.turn();
        const reply = await limits.slots.run(() => ask(method, path, alone));
        if (reply.status !== 429) limits.rate.answered();
        return reply;
      };
      try {
        let reply = await once();
        const wait = reply.status === 429 ? toldWaitMs(reply, clock.now()) : undefined;
        if (reply.status === 429) limits.rate.refused(Math.min(wait ?? backoffMs(1), probeWaitsAtMostMs));
        if (wait !== undefined && wait <= probeWaitsAtMostMs) reply = await once();
        return (
          rules.find(([, status, shape]) => reply.status === status && says(reply, shape))?.[0] ?? 'unknown'
        );
      } catch {
        // An expected outcome: whatever kept the answer from us, it proves nothing about the key.
        return 'unknown';
      }
    },
  };
}

type HttpAttempt = { reply: HttpReply; failure?: undefined } | { reply?: HttpReply; failure: KeyturnError };

async function attempt(
  target: HttpTarget,
  method: Method,
  path: string,
  call: HttpCall,
  ask: (method: Method, path: string, request: HttpRequest) => Promise<HttpReply>,
): Promise<HttpAttempt> {
  try {
    const reply = await ask(method, path, call);
    return isSuccess(call, reply)
      ? { reply }
      : { reply, failure: failureOf(target, askedFor(method, path, call), call, reply) };
  } catch (error) {
    if (hasCode(error, 'no-answer')) return { failure: error };
    throw error;
  }
}

function maySendAgain(limits: CallLimits, call: HttpCall, failure: KeyturnError, reply?: HttpReply): boolean {
  const isRefused = hasCode(failure, 'rate-limited');
  if (call.once) return isRefused && limits.refusedCreates === 'resend';
  if (isRefused || hasCode(failure, 'provider-down', 'no-answer')) return true;
  return reply !== undefined && isNotYet(call, reply);
}

function withRetryAt({ code, message }: KeyturnError, toldMs: number, now: Date): KeyturnError {
  const retryAt = new Date(now.getTime() + Math.min(toldMs, longestToldWaitMs));
  return new KeyturnError(code, message, { retryAt });
}

/** A web page in place of an answer comes from somebody on the way, so it tells nothing of what was asked. */
function isSuccess(call: HttpCall, reply: HttpReply): boolean {
  const { expect = [], causes = [] } = call;
  const { status } = reply;
  const isStated = (status >= 200 && status < 300) || expect.includes(status);
  if (isUnderWay(call, reply)) return false;
  return isStated && !page.test(reply.text) && !causes.some(([, shape]) => says(reply, shape));
}

function isNotYet(call: HttpCall, reply: HttpReply): boolean {
  return (call.notYet ?? []).includes(reply.status) || isUnderWay(call, reply);
}

function isUnderWay({ underWay }: HttpCall, reply: HttpReply): boolean {
  return underWay !== undefined && says(reply, underWay);
}

function failureOf(target: HttpTarget, asked: string, call: HttpCall, reply: HttpReply): KeyturnError {
  const { title } = target;
  const [code, fix] = causeOf(title, call, reply) ?? [codeOf(reply.status)];
  const fixes: Partial<Record<ErrorCode, string>> = {
    'issuer-rejected': `the issuer credential is not valid here (expired, revoked, or not allowed from this address), so set one that has ${call.needs} with \`npx keyturn issuer set ${target.provider}\``,
    refused:
      refusals[reply.status] ??
      `it rejects this request, so check that ${title} allows the key's settings, scopes and name`,
    'not-found': `check that it exists, that the key's settings name the right place, and that the issuer credential has ${call.needs}`,
    'rate-limited': 'it limits calls for now, so run this again later',
    'provider-down': `it has an error of its own, so see ${title}'s status page and run this again`,
    'bad-reply': `this is undocumented, so check that the key's settings name ${title}'s own host`,
  };
  const told =
    code === 'refused' && reply.status === 403 ? `the issuer credential needs ${call.needs}` : fixes[code];
  return new KeyturnError(
    code,
    `${title} answered ${reply.status} to ${asked}; ${fix ?? told ?? fixes['bad-reply']}`,
  );
}

/** What a refusal means that is not about what the issuer credential may do. */
const refusals: Record<number, string> = {
  402: "its plan does not allow this, or a bill is unpaid, so see the account's billing",
  409: 'something there conflicts with it (a name that is taken, a limit, a change under way), so see its console and run this again',
};

const page = /^\s*<(!doctype\s+)?html/i;

/** What it means and, where the usual one misses, the fix. */
function causeOf(
  title: string,
  call: HttpCall,
  reply: HttpReply,
): [code: ErrorCode, fix?: string] | undefined {
  const told = (call.causes ?? []).find(([, shape]) => says(reply, shape));
  if (told) return [told[0], told[2]];
  if (isUnderWay(call, reply)) return ['provider-down', 'it is still working on this, so run this again'];
  if (![401, 403].includes(reply.status) || !page.test(reply.text)) return undefined;
  return [
    'refused',
    `a web page came back, so a proxy or a firewall may have refused it; check that this network may call ${title}`,
  ];
}

/** True where the body, or the text of one that is no JSON, is of this shape. */
function says({ body, text }: HttpReply, shape: z.ZodMiniType): boolean {
  return shape.safeParse(body ?? text).success;
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'issuer-rejected';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  if (status >= 500) return 'provider-down';
  return status >= 400 ? 'refused' : 'bad-reply';
}

function readBody<Body>(target: HttpTarget, asked: string, call: HttpCall<Body>, reply: HttpReply): Body {
  if (!call.reply) return reply.body as Body;
  const read = call.reply.safeParse(reply.body);
  if (read.success) return read.data;
  // Of a long list, every entry may be wrong.
  const wrong = read.error.issues.slice(0, placesAtMost).map(({ path }) => path.join('.') || 'body');
  const more = read.error.issues.length > placesAtMost ? ', ...' : '';
  const places = wrong.map(place => `"${place.slice(0, longestPlace)}"`).join(', ') + more;
  throw new KeyturnError(
    'bad-reply',
    `${target.title} answered ${reply.status} to ${asked} without a usable ${places}; its API may have changed, so look for a newer Keyturn`,
  );
}
