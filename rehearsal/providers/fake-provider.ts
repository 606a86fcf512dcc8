// One loopback server that plays every provider, told apart by the origin that a request was meant for. All time comes from
// the clock handed in. What no provider would be asked is a violation: answered with 599 and kept for the report.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { addToNewest } from '@keyturn/aws-model/shared/newest';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import { KeyturnError } from '../../core/errors';
import type { SecretValue } from '../../core/key/secret-value';
import { minuteMs } from '../../core/time';
import type { HostedPlace } from '../places/hosted-place';
import type { CallKind, Dialect, Route, WireCall, WireReply, WireRequest } from './dialect';
import { FakeAccount, type FakeKey, type Settings } from './fake-account';
import { matchPath, readCall, secretsIn, writeReply } from './fake-wire';
import { type IdentityIssuer, provenIdentity, type Trust } from './federation';
import { loadDialects } from './load-dialects';

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

export interface FakeProvidersOptions {
  clock: VirtualClock;
  /** By how much a provider's clock is ahead of that one; negative where it is behind. @default 0 */
  aheadMs?(provider: string): number;
  /** Of connectors of a team's own. @default - none */
  dialects?: readonly Dialect[];
  /** On loopback. @default - any that is free */
  port?: number;
  intercept?(call: ProviderCall): ProviderFault | undefined | Promise<ProviderFault | undefined>;
  /** Sees every request that was carried out, with its answer, even one that gets lost: whole, secrets and all. */
  observe?(call: WireCall, reply: WireReply, record: RecordedCall): void;
  /** Told of every request's path when it comes, but where an API has no other name for a key than the key itself. */
  onPath?(path: string): void;
  /** Told of every secret when it is made here, and whenever it is seen in a request. */
  onSecret?(secret: string): void;
  /** AWS accounts whose JWTs are known to be theirs. @default - none */
  identities?: readonly IdentityIssuer[];
  /** Secrets that carry AWSCURRENT or AWSPREVIOUS now: what a server that accepts self-issued keys lets in. */
  labelled?(): string[];
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

type Played = (wire: WireCall) => WireReply;

interface Found {
  provider?: string;
  kind?: CallKind;
  route?: Played | undefined;
  violation?: string;
}

/** Longer than any client waits. */
const hangMs = minuteMs;

export async function startFakeProviders(options: FakeProvidersOptions): Promise<FakeProviders> {
  const { clock } = options;
  const calls: RecordedCall[] = [];
  let callCount = 0;
  const violations: string[] = [];
  const all = [...(await loadDialects()), ...(options.dialects ?? [])];
  const dialects = new Map(all.map(dialect => [dialect.provider, dialect]));
  const accounts = new Map<string, FakeAccount>();
  const providersAt = new Map<string, Set<string>>();
  const pages = new Map<string, () => WireReply>();
  const places: HostedPlace[] = [];

  const dialectOf = (provider: string) => {
    const dialect = dialects.get(provider);
    if (!dialect)
      throw new KeyturnError(
        'bad-config',
        `nothing plays "${provider}" in a rehearsal; write a dialect and name it in connectors.${provider}.dialect, or rehearse another environment`,
      );
    return dialect;
  };
  const remember = (secret: string) => options.onSecret?.(secret);
  const accountOf = (provider: string) => {
    const { delays, pageSize, place, knownBy } = dialectOf(provider);
    const account =
      accounts.get(provider) ??
      new FakeAccount(
        provider,
        delays,
        pageSize,
        () => new Date(clock.now().getTime() + (options.aheadMs?.(provider) ?? 0)),
        remember,
        place,
        options.labelled ?? (() => []),
        knownBy,
      );
    accounts.set(provider, account);
    return account;
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      violations.push(`the fake provider failed: ${(error as Error).stack}`);
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wire = await readCall(request);
    for (const secret of secretsIn(wire)) remember(secret);
    wire.identity = await provenIdentity(wire, options.identities ?? [], clock.now());
    const page = wire.method === 'GET' && pages.get(`${wire.origin}${wire.path}`);
    if (page) return writeReply(response, page());
    const found = findRoute(wire);
    const { provider = 'unknown', route } = found;
    const call: ProviderCall = {
      at: clock.now(),
      provider,
      kind: found.kind ?? 'other',
      method: wire.method,
      origin: wire.origin,
      path: wire.path,
      index: callCount++,
    };
    const record: RecordedCall = { ...call, status: 'dropped' };
    addToNewest(calls, record);
    if (!dialects.get(provider)?.namesKeysBySecret) options.onPath?.(call.path);
    if (!route) {
      violations.push(`${wire.method} ${wire.origin}${wire.path}: ${found.violation}`);
      return tell(response, record, { status: 599, body: { violation: found.violation } });
    }
    const reply = await replyTo(wire, route, record, await options.intercept?.(call));
    if (reply === 'dropped') response.destroy();
    else tell(response, record, reply);
  }

  async function replyTo(
    wire: WireCall,
    route: Played,
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
        return dialects.get(record.provider)?.tooMany(clock.now(), resetAt) ?? { status: 429 };
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

  /** Kinds of keys of one provider share its hosts, and some of its calls. */
  function findRoute(call: WireCall): Found {
    const here = places.filter(({ origin }) => origin === call.origin);
    const found = here.map(place => ({ provider: place.to, route: place.find(call, clock.now()) }));
    return found.find(({ route }) => route) ?? findAtProviders(call);
  }

  function findAtProviders(call: WireCall): Found {
    const here = [...(providersAt.get(call.origin) ?? [])];
    const [provider] = here;
    if (!provider) return { violation: 'no provider was registered at this origin' };
    const found = here.flatMap(name => routeOf(name, call) ?? []);
    const isOwn = (name: string) => dialectOf(name).isOwn?.(call, accountOf(name)) ?? true;
    const chosen = found.find(({ provider }) => isOwn(provider)) ?? found[0];
    if (!chosen) return { provider, violation: `${here.join("'s and ")}'s dialect knows no such call` };
    call.params = chosen.params;
    const { kind, answer } = chosen.route;
    return {
      provider: chosen.provider,
      kind,
      route: wire => answer(wire, accountOf(chosen.provider)),
    };
  }

  function routeOf(provider: string, call: WireCall) {
    const { routes, pathsIn, origins } = dialectOf(provider);
    const here = accountOf(provider).registered.filter(settings => origins(settings).includes(call.origin));
    const pathsOf = ({ path }: Route) =>
      new Set(pathsIn ? here.map(settings => pathsIn(settings)[path] ?? path) : [path]);
    for (const route of routes) {
      const params =
        route.method === call.method
          ? [...pathsOf(route)].map(path => matchPath(path, call.path)).find(found => found)
          : undefined;
      if (!params) continue;
      call.params = params;
      if (route.when?.(call) ?? true) return { provider, route, params };
    }
    return undefined;
  }

  function openAt(origins: readonly string[], provider: string): void {
    for (const origin of origins)
      providersAt.set(origin, (providersAt.get(origin) ?? new Set()).add(provider));
  }

  return {
    port: await listenOnLoopback(server, options.port),
    register(provider, settings, scopes = []) {
      const dialect = dialectOf(provider);
      accountOf(provider).registered.push(settings);
      for (const scope of scopes) accountOf(provider).planned.add(scope);
      openAt(dialect.origins(settings), provider);
      for (const text of Object.values(dialect.issuer(settings)))
        if (text.includes('FAKESECRET')) remember(text);
    },
    trust(provider, about) {
      const { federation } = dialectOf(provider);
      if (!federation) throw new KeyturnError('bad-config', `${provider}'s dialect knows no federation`);
      const trust = { ...about, enabled: true };
      accountOf(provider).trusts.push(trust);
      openAt(federation.origins(trust.settings), provider);
      return trust;
    },
    host: place => void places.push(place),
    serve: (url, answer) => void pages.set(url, answer),
    dialect: dialectOf,
    account: accountOf,
    liveKeys: provider => accountOf(provider).keys.filter(key => key.active && !key.revokedAt),
    useRequest: (provider, value, settings) => dialectOf(provider).use(value, settings, clock.now()),
    calls,
    violations,
    close: () => closeServer(server),
  };
}

function tell(response: ServerResponse, record: RecordedCall, reply: WireReply): void {
  record.status = reply.status;
  writeReply(response, reply);
}
