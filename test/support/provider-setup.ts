// A connector bound as in production, talking over loopback to the provider that its dialect plays.
import { bindConnector } from '../../connectors/contract/bind';
import type { Connector } from '../../connectors/contract/connector';
import { handStepsOf } from '../../connectors/contract/made-by';
import type { KeySpec } from '../../core/key/key-spec';
import { providerKeyName } from '../../core/key/provider-key-name';
import type { SecretValue } from '../../core/key/secret-value';
import type { Clock, InstallProvider, Provider } from '../../core/provider';
import type { CallKind, Dialect, WireCall, WireReply, WireRequest } from '../../rehearsal/providers/dialect';
import type { FakeAccount, Settings } from '../../rehearsal/providers/fake-account';
import {
  type ProviderCall,
  type ProviderFault,
  type RecordedCall,
  startFakeProviders,
} from '../../rehearsal/providers/fake-provider';
import { routedFetch } from '../../rehearsal/providers/routed-fetch';
import { needed } from '../../rehearsal/world/needed';

const start = new Date('2026-09-01T08:00:00Z');
const secretArn =
  'arn:aws:secretsmanager:eu-central-1:111111111111:secret:keyturn/prod/x/support-bot/main-AbCdEf';

/** Time moves when somebody waits, and by exactly as much. */
export class TestClock implements Clock {
  #now = start.getTime();

  now(): Date {
    return new Date(this.#now);
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }

  park(ms: number): Promise<void> {
    return this.sleep(ms);
  }

  /** Milliseconds since the setup was opened. */
  get passed(): number {
    return this.#now - start.getTime();
  }
}

/** Checks choose by kind which calls they make; one that the kind does not have throws. */
export type BenchProvider = Omit<InstallProvider, 'kind'> & Pick<Provider, 'kind'>;

export function withEveryCall(provider: Provider): BenchProvider {
  const absent = (call: string) => async (): Promise<never> => {
    throw new Error(`${provider.id} has no ${call}`);
  };
  return {
    nameMaxLength: Number.POSITIVE_INFINITY,
    make: absent('make'),
    list: absent('list'),
    revoke: absent('revoke'),
    install: absent('install'),
    ...provider,
  };
}

export interface ProviderSetup {
  connector: Connector;
  dialect: Dialect;
  settings: Settings;
  scopes: string[];
  clock: TestClock;
  account: FakeAccount;
  provider: BenchProvider;
  readonly calls: RecordedCall[];
  exchanges: { call: WireCall; reply: WireReply }[];
  violations: string[];
  /** From now on, what happens to each request. */
  faults(plan: (call: ProviderCall) => ProviderFault | undefined): void;
  /** The same fault, for the first call only, whatever it is. */
  faultOnce(fault: ProviderFault, kinds?: CallKind[]): void;
  bind(binding: { issuer?: unknown; spec?: Partial<KeySpec> }): BenchProvider;
  /** Makes a key as a rotation does, waits out its delay. */
  newKey(version?: string): Promise<SecretValue>;
  keyName(version?: string): string;
  useRequest(value: SecretValue): WireRequest;
  allSecrets(): string[];
  close(): Promise<void>;
}

/**
 * @param others settings in place of the dialect's sample
 * @param own the dialect of a connector that is not Keyturn's
 */
export async function openProviderSetup(
  connector: Connector,
  others?: Settings,
  own?: Dialect,
): Promise<ProviderSetup> {
  const clock = new TestClock();
  const exchanges: ProviderSetup['exchanges'] = [];
  let plan: (call: ProviderCall) => ProviderFault | undefined = () => undefined;
  const secrets = new Set<string>();
  const fakes = await startFakeProviders({
    clock,
    dialects: own ? [own] : [],
    onSecret: secret => void secrets.add(secret),
    intercept: call => plan(call),
    observe: (call, reply) => void exchanges.push({ call, reply }),
  });
  const realFetch = globalThis.fetch;
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  const dialect = fakes.dialect(connector.provider);
  const { scopes } = dialect.sample;
  const settings = others ?? dialect.sample.settings;
  fakes.register(connector.provider, settings);
  const spec = { scopes, settings, maxGapDays: 31, overlapHours: 24 };

  const bind: ProviderSetup['bind'] = ({ issuer = dialect.issuer(settings), spec: changed }) =>
    withEveryCall(
      bindConnector(connector, {
        readIssuer: async () => issuer,
        environment: 'prod',
        spec: { ...spec, ...changed },
        clock,
      }),
    );
  const provider = bind({});
  const keyName = (version = 'version-1') =>
    providerKeyName('keyturn-prod-support-bot', secretArn, version, clock.now(), provider.nameMaxLength);
  return {
    connector,
    dialect,
    settings,
    scopes,
    clock,
    account: fakes.account(connector.provider),
    provider,
    calls: fakes.calls,
    exchanges,
    violations: fakes.violations,
    faults(planned) {
      plan = planned;
    },
    faultOnce(fault, kinds) {
      let done = false;
      plan = call => {
        if (done || (kinds && !kinds.includes(call.kind))) return undefined;
        done = true;
        return fault;
      };
    },
    bind,
    async newKey(version) {
      if (handStepsOf(connector, { settings }))
        return needed(dialect.root, 'a person')(settings, fakes.account(connector.provider));
      const value = await provider.make(keyName(version), clock.now());
      // Of what Keyturn makes itself, the provider may never hear.
      secrets.add(value.secret);
      if (connector.kind === 'install' || connector.kind === 'roll') await provider.install(value);
      await clock.sleep(provider.propagation.createMs);
      return value;
    },
    keyName,
    useRequest: value => fakes.useRequest(connector.provider, value, settings),
    allSecrets: () => [...secrets],
    async close() {
      globalThis.fetch = realFetch;
      await fakes.close();
    },
  };
}
