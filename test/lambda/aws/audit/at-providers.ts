// Keys of an environment as their providers know them, and the audit function that looks at them part by part.
import type { PartAnswer } from '../../../../core/audit/finding';
import { secretName } from '../../../../core/key/key-address';
import { dayMs } from '../../../../core/time';
import { createAudit } from '../../../../lambda/audit';
import { createTable } from '../../../../lambda/aws/table/table';
import {
  type ProviderCall,
  type ProviderFault,
  startFakeProviders,
} from '../../../../rehearsal/providers/fake-provider';
import { routedFetch } from '../../../../rehearsal/providers/routed-fetch';
import { addEnvironmentKey, deployedKeys, environmentKey } from '../../../support/deployed-keys';
import { openFunctionSetup } from '../../../support/function-setup';

export interface HeldAtProvider {
  provider: string;
  server: string;
  settings?: Record<string, unknown>;
  secret?: string;
  keyId?: string;
  issuedAt?: string;
  expiresAt?: string;
}

/** Looks at one page. @param leftMs of the time that the function has */
export type Look = (part: string, more?: { leftMs?: number; from?: string }) => Promise<PartAnswer>;

export async function openAtProviders() {
  const setup = await openFunctionSetup('keyturn-prod-audit');
  addEnvironmentKey(setup.model);
  const hooks = {
    provider: (_call: ProviderCall): ProviderFault | undefined => undefined,
    /** @default - the time of the model */
    now: undefined as Date | undefined,
  };
  const { secretsManager, clock, model } = setup;
  const fakes = await startFakeProviders({
    clock: { now: () => clock.now(), park: async () => {} },
    intercept: call => hooks.provider(call),
  });
  const realFetch = globalThis.fetch;
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  const inDays = (days: number) => new Date(clock.now().getTime() + days * dayMs);

  return {
    fakes,
    hooks,
    inDays,
    passMs: setup.passMs,

    /** What is asked from now on takes so long altogether. */
    takes(ms: number) {
      const endsAt = new Date(clock.now().getTime() + ms);
      hooks.provider = () => {
        hooks.now = endsAt;
        return undefined;
      };
    },

    /** What a person made in the provider's console just now. */
    byHand(provider: string) {
      const value = fakes.dialect(provider).root?.({}, fakes.account(provider));
      if (!value) throw new Error(`no person makes keys of ${provider}`);
      return { secret: value.secret, keyId: value.keyId };
    },

    deploy(held: readonly HeldAtProvider[]): Look {
      const { registry, register } = deployedKeys();
      const store = (name: string, value: object) =>
        model.secretsManager.createFromTemplate({
          name,
          kmsKeyId: environmentKey,
          secretString: JSON.stringify(value),
        });
      const settingsOf = new Map<string, Record<string, unknown>>();
      for (const { provider, server, settings = {}, ...of } of held) {
        const address = { environment: 'prod', provider, server, purpose: 'main' };
        register(address, {
          team: 'a',
          tier: 'normal',
          scopes: [],
          overlapHours: 24,
          maxGapDays: 365,
          settings,
        });
        fakes.register(provider, settings);
        settingsOf.set(provider, settings);
        const issuedAt = clock.now().toISOString();
        store(secretName(address), { secret: 'FAKESECRET', keyId: 'k1', provider, issuedAt, ...of });
      }
      for (const [provider, settings] of settingsOf)
        store(`keyturn/prod/issuers/${provider}`, fakes.dialect(provider).issuer(settings));
      const table = createTable(setup.dynamoDb, 'prod');
      const ofAudit = { ...clock, now: () => hooks.now ?? clock.now() };
      const clients = {
        ...{ secretsManager, registry, table, clock: ofAudit },
        notify: async () => {},
        variables: {},
      };
      const audit = createAudit('prod', [...settingsOf.keys()], clients);
      return async (part, { leftMs = 900_000, from } = {}) => {
        const request = { part, salt: '0'.repeat(64), ...(from !== undefined && { from }) };
        const lasts = { awsRequestId: '1', getRemainingTimeInMillis: () => leftMs };
        return (await audit(request, lasts)) as PartAnswer;
      };
    },

    async close() {
      globalThis.fetch = realFetch;
      await fakes.close();
      await setup.close();
    },
  };
}
