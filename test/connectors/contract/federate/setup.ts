// A federation that the provider's admin has set up for one AWS role, bound as a server's own process binds it. The JWTs are those
// of the model of AWS; the provider checks them with the key set of their issuer.
import { createWebIdentity, type WebIdentity } from '@keyturn/aws-model/identity/web-identity';
import { verifyKey } from '../../../../connectors/contract/bind';
import {
  bindEnder,
  bindFederation,
  type IdentityWish,
} from '../../../../connectors/contract/bind-federation';
import type { Connector, FederateConnector } from '../../../../connectors/contract/connector';
import { federationOf } from '../../../../connectors/contract/federation';
import type { Clock, Verdict } from '../../../../core/provider';
import type { MintedToken } from '../../../../core/tokens/tokens';
import type { Dialect, WireCall, WireReply, WireRequest } from '../../../../rehearsal/providers/dialect';
import type { FakeAccount, Settings } from '../../../../rehearsal/providers/fake-account';
import {
  type ProviderCall,
  type ProviderFault,
  type RecordedCall,
  startFakeProviders,
} from '../../../../rehearsal/providers/fake-provider';
import type { Trust } from '../../../../rehearsal/providers/federation';
import { routedFetch } from '../../../../rehearsal/providers/routed-fetch';
import { needed } from '../../../../rehearsal/world/needed';
import { TestClock } from '../../../support/provider-setup';

export type AnyFederation = FederateConnector<unknown, unknown>;

export const account = '111111111111';
let time = () => new Date(0);
/** One for all: to make its keys takes a while. */
const aws = createWebIdentity({ account, virtual: { now: () => time() } });

export const roleOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;

export interface FederateSetup {
  connector: AnyFederation;
  dialect: Dialect;
  settings: Settings;
  clock: TestClock;
  account: FakeAccount;
  aws: WebIdentity;
  /** Of the server, which runs as the role `support-bot`. */
  trust: Trust;
  calls: readonly RecordedCall[];
  exchanges: readonly { call: WireCall; reply: WireReply }[];
  /** Every JWT that was asked for. */
  wishes: IdentityWish[];
  identities: string[];
  /** Gets a token, as the role `support-bot` unless something else is said. */
  token(other?: Partial<Asked>): Promise<MintedToken>;
  /** The status that the MCP server gets when it calls with a token. */
  use(token: string): Promise<number>;
  useRequest(token: string): WireRequest;
  verify(token: string): Promise<Verdict>;
  /** Another server's trust. */
  trustOther(): Trust;
  disable(settings?: Settings): Promise<void>;
  isDisabled(): Promise<boolean>;
  faults(plan: (call: ProviderCall) => ProviderFault | undefined): void;
  faultOnce(fault: ProviderFault): void;
  allSecrets(): string[];
  readonly violations: readonly string[];
}

export interface Asked {
  role: string;
  settings: Settings;
  clock: Clock;
  /** In place of the JWT that was wished for. */
  identity(wish: IdentityWish): Promise<string>;
  aws: WebIdentity;
}

export function federations(connectors: readonly Connector[]): AnyFederation[] {
  return connectors.flatMap(connector => federationOf(connector) ?? []);
}

/**
 * Throws where the connector breaks the promise. Each check has a provider of its own.
 * @param own of a connector of a team's own
 */
export async function runCheck(check: FederateCheck, connector: AnyFederation, own?: Dialect): Promise<void> {
  const { setup, close } = await openSetup(connector, own);
  try {
    await check.run(setup);
    expect(setup.violations).toEqual([]);
  } finally {
    await close();
  }
}

/** One promise that every federation keeps. */
export interface FederateCheck {
  name: string;
  where?(connector: AnyFederation): boolean;
  run(setup: FederateSetup): Promise<void>;
}

async function openSetup(
  connector: AnyFederation,
  own?: Dialect,
): Promise<{ setup: FederateSetup; close(): Promise<void> }> {
  const clock = new TestClock();
  time = () => clock.now();
  const secrets = new Set<string>();
  const exchanges: { call: WireCall; reply: WireReply }[] = [];
  const wishes: IdentityWish[] = [];
  const identities: string[] = [];
  let plan: (call: ProviderCall) => ProviderFault | undefined = () => undefined;
  const fakes = await startFakeProviders({
    clock,
    identities: [aws],
    ...(own && { dialects: [own] }),
    onSecret: secret => void secrets.add(secret),
    intercept: call => plan(call),
    observe: (call, reply) => void exchanges.push({ call, reply }),
  });
  const realFetch = globalThis.fetch;
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  const { provider } = connector;
  const dialect = fakes.dialect(provider);
  const federation = needed(dialect.federation, `a federation in the dialect of ${provider}`);
  const settings = federation.sample;
  const trustFor = (role: string, of: Settings) =>
    fakes.trust(provider, { settings: of, issuer: aws.issuer, subject: roleOf(role) });
  const trust = trustFor('support-bot', settings);
  const issuer = dialect.issuer(dialect.sample.settings);
  const ender = (of: Settings) =>
    needed(
      bindEnder(connector, { settings: of, readIssuer: async () => issuer, environment: 'prod', clock }),
      'an ender',
    );

  const signed = (wish: IdentityWish, role: string, from: WebIdentity) =>
    from.token({
      audience: [wish.audience],
      algorithm: wish.algorithm,
      seconds: wish.seconds,
      tags: {},
      caller: { arn: `arn:aws:sts::${account}:assumed-role/${role}/task`, kind: 'role' },
      region: 'eu-central-1',
    });
  const useRequest = (token: string): WireRequest =>
    federation.use?.(token, clock.now()) ??
    dialect.use(
      { secret: token, keyId: 'token', provider, issuedAt: '2026-09-01T08:00:00Z' },
      settings,
      clock.now(),
    );
  const setup: FederateSetup = {
    connector,
    dialect,
    settings,
    clock,
    account: fakes.account(provider),
    aws,
    trust,
    calls: fakes.calls,
    exchanges,
    wishes,
    identities,
    token(other = {}) {
      const identity = async (wish: IdentityWish) => {
        wishes.push(wish);
        const jwt = await (other.identity?.(wish) ??
          signed(wish, other.role ?? 'support-bot', other.aws ?? aws));
        identities.push(jwt);
        secrets.add(jwt);
        return jwt;
      };
      return bindFederation(connector, {
        settings: other.settings ?? settings,
        identity,
        clock: other.clock ?? clock,
      })();
    },
    async use(token) {
      const { url, ...init } = useRequest(token);
      return (await fetch(url, init)).status;
    },
    useRequest,
    verify: token =>
      verifyKey(connector, { secret: token, keyId: 'token', provider, issuedAt: '' }, settings, clock),
    trustOther: () => trustFor('other-bot', federation.other),
    disable: (of = settings) => ender(of).disable(),
    isDisabled: () => ender(settings).isDisabled(),
    faults(planned) {
      plan = planned;
    },
    faultOnce(fault) {
      let done = false;
      plan = () => {
        if (done) return undefined;
        done = true;
        return fault;
      };
    },
    allSecrets: () => [...secrets],
    violations: fakes.violations,
  };
  return {
    setup,
    async close() {
      globalThis.fetch = realFetch;
      await fakes.close();
    },
  };
}
