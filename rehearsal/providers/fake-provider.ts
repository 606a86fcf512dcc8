// One loopback server that plays every provider, told apart by the origin that a request was meant for. All time comes from
// the clock handed in. What no provider would be asked is a violation: answered with 599 and kept for the report.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { addToNewest } from '@keyturn/aws-model/shared/newest';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import type { SecretValue } from '../../core/key/secret-value';
import { minuteMs } from '../../core/time';
import type { HostedPlace } from '../places/hosted-place';
import type { CallKind, Dialect, WireCall, WireReply, WireRequest } from './dialect';
import type { FakeAccount, FakeKey, Settings } from './fake-account';
import { readCall, secretsIn, writeReply } from './fake-wire';
import { type IdentityIssuer, provenIdentity, type Trust } from './federation';
import { loadDialects } from './load-dialects';
import { type AccountOptions, createProviderRegistry } from './provider-registry';

export interface VirtualClock {
  now(): Date;
  /** Resolves when the clock has moved on by so much. */
  park(ms: number): Promise<void>;
}

/** One request, as the hooks and the record see it. */
export interface ProviderCall {
  at: Date;
  provider: string;
  kind: CallKind;
  method: string;
  origin: string;
  path: string;
  /** How many calls came before, of all providers. */
  index: number;
}

export interface RecordedCall extends ProviderCall {
  /** What the client got to see; `dropped` where the connection ended without an answer. */
  status: number | 'dropped';
  keyId?: string;
  /** The key that the call was about, where there was one. */
  key?: FakeKey;
}

/** What goes wrong with a request; `drop-after` and `rewrite` happen after the provider has carried it out. */
export type ProviderFault =
  | { kind: '429'; retryAfterSeconds?: number }
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'slow'; ms: number }
  | { kind: 'hang' | 'drop-before' | 'drop-after' }
  | { kind: 'rewrite'; change(reply: WireReply): WireReply }
  /** Answered with what this gives, and not observed; `carryOut` does what was asked. */
  | { kind: 'instead'; answer(carryOut: () => WireReply): WireReply };

export interface FakeProvidersOptions extends AccountOptions {
  clock: VirtualClock;
  /** Of connectors of a team's own. @default - none */
  dialects?: readonly Dialect[];
  /** On loopback. @default - any that is free */
  port?: number;
  intercept?(call: ProviderCall): ProviderFault | undefined | Promise<ProviderFault | undefined>;
  /** Sees every request that was carried out, with its answer, even one that gets lost: whole, secrets and all. */
  observe?(call: WireCall, reply: WireReply, record: RecordedCall): void;
  /** Told of every request's path when it comes, but where an API has no other name for a key than the key itself. */
  onPath?(path: string): void;
  /** AWS accounts whose JWTs are known to be theirs. @default - none */
  identities?: readonly IdentityIssuer[];
}

export interface FakeProviders {
  port: number;
  /** Opens the place of a key: its hosts answer from now on. */
  register(provider: string, settings: Settings, scopes?: readonly string[]): void;
  /** Accepts an AWS role, as an admin of the provider sets it up. @returns the trust, to be changed */
  trust(provider: string, trust: Omit<Trust, 'enabled'>): Trust;
  /** A page that is no provider's business: `https://<host>/<path>` is answered so. */
  serve(url: string, answer: () => WireReply): void;
  /** A place outside AWS that keys are delivered to. */
  host(place: HostedPlace): void;
  dialect(provider: string): Dialect;
  account(provider: string): FakeAccount;
  /** Keys that nobody has revoked or switched off. */
  liveKeys(provider: string): FakeKey[];
  useRequest(provider: string, value: SecretValue, settings: Settings): WireRequest;
  /** The newest. */
  readonly calls: RecordedCall[];
  readonly violations: string[];
  close(): Promise<void>;
}

/** Longer than any client waits. */
const hangMs = minuteMs;

export async function startFakeProviders(options: FakeProvidersOptions): Promise<FakeProviders> {
  const { clock } = options;
  const calls: RecordedCall[] = [];
  let callCount = 0;
  const violations: string[] = [];
  const dialects = [...(await loadDialects()), ...(options.dialects ?? [])];
  const registry = createProviderRegistry(dialects, options);
  const pages = new Map<string, () => WireReply>();

  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      violations.push(`the fake provider failed: ${(error as Error).stack}`);
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wire = await readCall(request);
    for (const secret of secretsIn(wire)) options.onSecret?.(secret);
    wire.identity = await provenIdentity(wire, options.identities ?? [], clock.now());
    const page = wire.method === 'GET' && pages.get(`${wire.origin}${wire.path}`);
    if (page) return writeReply(response, page());
    const found = registry.findRoute(wire);
    const call: ProviderCall = {
      at: clock.now(),
      provider: found.provider,
      kind: 'kind' in found ? found.kind : 'other',
      method: wire.method,
      origin: wire.origin,
      path: wire.path,
      index: callCount++,
    };
    const record: RecordedCall = { ...call, status: 'dropped' };
    addToNewest(calls, record);
    if (!registry.find(call.provider)?.namesKeysBySecret) options.onPath?.(call.path);
    if ('violation' in found) {
      violations.push(`${wire.method} ${wire.origin}${wire.path}: ${found.violation}`);
      return tell(response, record, { status: 599, body: { violation: found.violation } });
    }
    const reply = await replyTo(wire, found.answer, record, await options.intercept?.(call));
    if (reply === 'dropped') response.destroy();
    else tell(response, record, reply);
  }

  async function replyTo(
    wire: WireCall,
    route: (call: WireCall) => WireReply,
    record: RecordedCall,
    fault: ProviderFault | undefined,
  ): Promise<WireReply | 'dropped'> {
    const carryOut = () => route(wire);
    const answered = () => {
      const told = carryOut();
      record.keyId = told.key?.id;
      record.key = told.key;
      const reply = fault?.kind === 'rewrite' ? fault.change(told) : told;
      options.observe?.(wire, reply, record);
      return reply;
    };
    switch (fault?.kind) {
      case 'hang':
        await clock.park(hangMs);
        return 'dropped';
      case 'drop-before':
        return 'dropped';
      case '429': {
        const resetAt = new Date(clock.now().getTime() + (fault.retryAfterSeconds ?? 1) * 1000);
        return registry.find(record.provider)?.tooMany(clock.now(), resetAt) ?? { status: 429 };
      }
      case 'status':
        // Providers do echo credentials in their errors; this one always does.
        return {
          ...fault,
          body: { error: { message: 'told to fail', headers: wire.headers, body: wire.text } },
        };
      case 'instead':
        return fault.answer(carryOut);
      case 'drop-after':
        answered();
        return 'dropped';
      case 'slow':
        await clock.park(fault.ms);
        return answered();
      default:
        return answered();
    }
  }

  return {
    port: await listenOnLoopback(server, options.port),
    register: (provider, settings, scopes = []) => registry.register(provider, settings, scopes),
    trust: registry.trust,
    host: registry.host,
    serve: (url, answer) => void pages.set(url, answer),
    dialect: registry.dialect,
    account: registry.account,
    liveKeys: provider => registry.account(provider).keys.filter(key => key.active && !key.revokedAt),
    useRequest: (provider, value, settings) => registry.dialect(provider).use(value, settings, clock.now()),
    calls,
    violations,
    close: () => closeServer(server),
  };
}

function tell(response: ServerResponse, record: RecordedCall, reply: WireReply): void {
  record.status = reply.status;
  writeReply(response, reply);
}
