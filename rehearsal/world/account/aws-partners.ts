// AWS's partners, as far as a rehearsal needs them: the next key is made at the fake provider, and the one before ends there.

import type { VirtualClock } from '@keyturn/aws-model/clock/clock';
import type { RotatePartner } from '@keyturn/aws-model/secrets-manager/partners';
import type { Assembly, Resource } from '@keyturn/aws-model/template/assembly';
import { bindConnector } from '../../../connectors/contract/bind';
import { connectorFor } from '../../../connectors/index';
import { secretName } from '../../../core/key/key-address';
import type { SecretValue } from '../../../core/key/secret-value';
import { type Clock, requireMaker } from '../../../core/provider';
import { type Environment, type Key, keysOf } from '../../../lib/config/config';
import type { FakeProviders } from '../../providers/fake-provider';
import { routedFetch } from '../../providers/routed-fetch';
import { needed } from '../needed';

interface Partners {
  environment: Environment;
  providers: FakeProviders;
  clock: Pick<VirtualClock, 'now' | 'sleep'>;
}

/** A key of such a partner, made as its rotation makes one: with an admin credential, and without Keyturn. */
export async function makeAtPartner(
  { environment, providers, clock: virtual }: Partners,
  { address, spec }: Key,
): Promise<{ stored: Record<string, string>; end(keyId: string): Promise<void> }> {
  const clock: Clock = { now: () => virtual.now(), sleep: ms => virtual.sleep(ms) };
  const dialect = providers.dialect(address.provider);
  const realFetch = globalThis.fetch;
  const atFakes = async <T>(work: () => Promise<T>) => {
    globalThis.fetch = routedFetch(providers.port, realFetch);
    try {
      return await work();
    } finally {
      globalThis.fetch = realFetch;
    }
  };
  const { rotatedBy: _, ...own } = spec;
  const provider = requireMaker(
    bindConnector(connectorFor(address.provider), {
      readIssuer: async () => dialect.issuer(spec.settings),
      environment: environment.name,
      spec: own,
      clock,
    }),
    address,
  );
  const made = await atFakes(async () => {
    const key = await provider.make('made by a partner of AWS'.slice(0, provider.nameMaxLength), clock.now());
    if ('install' in provider) await provider.install(key);
    await clock.sleep(provider.propagation.createMs);
    return key;
  });
  const stored = needed(dialect.awsValue, `AWS's form of keys of ${address.provider}`)(made, spec.settings);
  const end = (keyId: string) =>
    atFakes(async () => {
      if ('revoke' in provider) await provider.revoke(keyId);
    });
  return { stored, end };
}

export function createPartners(partners: Partners): RotatePartner {
  const { environment } = partners;
  return async ({ secretName: name, value }) => {
    const key = needed(
      keysOf(environment).find(({ address }) => secretName(address) === name),
      `a key of ${name}`,
    );
    const partner = needed(connectorFor(key.address.provider).awsPartner, 'a partner');
    const { stored, end } = await makeAtPartner(partners, key);
    const old = partner.read(value, name, undefined) as SecretValue;
    return {
      value: { ...value, ...stored },
      async endOld() {
        if (partner.ends === 'by-id') await end(old.keyId);
      },
    };
  };
}

/** Schedules of keys that AWS rotates are deployed once these have a value: before, AWS may refuse them. */
export function withoutAwsRotations(assembly: Assembly): { atFirst: Assembly; onceAdopted: Assembly } {
  const isOfAws = ({ type, properties }: Resource) =>
    type.endsWith('::RotationSchedule') && 'ExternalSecretRotationRoleArn' in properties;
  const { resources } = assembly;
  return {
    atFirst: { ...assembly, resources: resources.filter(resource => !isOfAws(resource)) },
    onceAdopted: { ...assembly, resources: resources.filter(isOfAws) },
  };
}
