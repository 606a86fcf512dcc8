// Who answers a request: the dialects and accounts of all providers, by the origins at which they were registered.
import { KeyturnError } from '../../core/errors';
import type { HostedPlace } from '../places/hosted-place';
import type { CallKind, Dialect, Route, WireCall, WireReply } from './dialect';
import { FakeAccount, type Settings } from './fake-account';
import { matchPath } from './fake-wire';
import type { Trust } from './federation';

export interface AccountOptions {
  clock: { now(): Date };
  /** By how much a provider's clock is ahead of that one; negative where it is behind. @default 0 */
  aheadMs?(provider: string): number;
  /** Told of every secret when it is made here, and whenever it is seen in a request. */
  onSecret?(secret: string): void;
  /** Secrets that carry AWSCURRENT or AWSPREVIOUS now: what a server that accepts self-issued keys lets in. */
  labelled?(): string[];
}

export type FoundRoute =
  | { provider: string; kind: CallKind; answer(call: WireCall): WireReply }
  | { provider: string; violation: string };

export interface ProviderRegistry {
  find(provider: string): Dialect | undefined;
  /** @throws {KeyturnError} bad-config, where there is none */
  dialect(provider: string): Dialect;
  account(provider: string): FakeAccount;
  /** Opens the place of a key: its hosts answer from now on. */
  register(provider: string, settings: Settings, scopes: readonly string[]): void;
  trust(provider: string, about: Omit<Trust, 'enabled'>): Trust;
  host(place: HostedPlace): void;
  findRoute(call: WireCall): FoundRoute;
}

export function createProviderRegistry(known: readonly Dialect[], options: AccountOptions): ProviderRegistry {
  const { clock, aheadMs, onSecret, labelled } = options;
  const now = () => clock.now();
  const dialects = new Map(known.map(dialect => [dialect.provider, dialect]));
  const accounts = new Map<string, FakeAccount>();
  const providersAt = new Map<string, Set<string>>();
  const places: HostedPlace[] = [];
  const remember = (secret: string) => onSecret?.(secret);

  function dialectOf(provider: string): Dialect {
    const dialect = dialects.get(provider);
    if (!dialect)
      throw new KeyturnError(
        'bad-config',
        `nothing plays "${provider}" in a rehearsal; write a dialect and name it in connectors.${provider}.dialect, or rehearse another environment`,
      );
    return dialect;
  }

  function accountOf(provider: string): FakeAccount {
    const { delays, pageSize, place, knownBy } = dialectOf(provider);
    const account =
      accounts.get(provider) ??
      new FakeAccount(
        provider,
        delays,
        pageSize,
        () => new Date(now().getTime() + (aheadMs?.(provider) ?? 0)),
        remember,
        place,
        labelled ?? (() => []),
        knownBy,
      );
    accounts.set(provider, account);
    return account;
  }

  function openAt(origins: readonly string[], provider: string): void {
    for (const origin of origins)
      providersAt.set(origin, (providersAt.get(origin) ?? new Set()).add(provider));
  }

  function findAtPlaces(call: WireCall): FoundRoute | undefined {
    for (const place of places.filter(({ origin }) => origin === call.origin)) {
      const answer = place.find(call, now());
      if (answer) return { provider: place.to, kind: 'other', answer };
    }
    return undefined;
  }

  /** Kinds of keys of one provider share its hosts, and some of its calls. */
  function findAtProviders(call: WireCall): FoundRoute {
    const here = [...(providersAt.get(call.origin) ?? [])];
    const [provider] = here;
    if (!provider) return { provider: 'unknown', violation: 'no provider was registered at this origin' };
    const found = here.flatMap(name => routeOf(name, call) ?? []);
    const isOwn = (name: string) => dialectOf(name).isOwn?.(call, accountOf(name)) ?? true;
    const chosen = found.find(({ provider }) => isOwn(provider)) ?? found[0];
    if (!chosen) return { provider, violation: `${here.join("'s and ")}'s dialect knows no such call` };
    call.params = chosen.params;
    const { kind, answer } = chosen.route;
    return { provider: chosen.provider, kind, answer: wire => answer(wire, accountOf(chosen.provider)) };
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

  return {
    find: provider => dialects.get(provider),
    dialect: dialectOf,
    account: accountOf,
    register(provider, settings, scopes) {
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
    findRoute: call => findAtPlaces(call) ?? findAtProviders(call),
  };
}
