// Keys as they stand long after their first issue, for scenarios of so many that their issue would take most of the time: made
// at the providers by the connectors themselves, and stored as `keyturn adopt` stores one.
import {
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { bindConnector } from '../../../connectors/contract/bind';
import { connectorFor } from '../../../connectors/index';
import { secretName, shortName } from '../../../core/key/key-address';
import type { SecretValue } from '../../../core/key/secret-value';
import { isHandMade, requireMaker } from '../../../core/provider';
import type { Key } from '../../../lib/config/config';
import { routedFetch } from '../../providers/routed-fetch';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';

/** What Secrets Manager lets through, with room. */
const keysPerSecond = 20;

export async function makeSteadyKeys(context: RehearsalContext): Promise<void> {
  const { clock, providers } = context.world;
  const keys = context.environment.servers.flatMap(server => server.keys);
  const realFetch = globalThis.fetch;
  globalThis.fetch = routedFetch(providers.port, realFetch);
  try {
    const client = clientOf(context);
    await clock.runWhile(() =>
      Promise.all(
        keys.map(async (key, n) => {
          await clock.sleep((n * 1000) / keysPerSecond);
          await store(context, client, key, await make(context, key));
        }),
      ),
    );
  } finally {
    globalThis.fetch = realFetch;
  }
}

async function make({ world, environment }: RehearsalContext, { address, spec }: Key): Promise<SecretValue> {
  const { clock, providers } = world;
  const provider = bindConnector(connectorFor(address.provider), {
    readIssuer: async () => providers.dialect(address.provider).issuer(spec.settings),
    environment: environment.name,
    spec,
    clock: { now: () => clock.now(), sleep: ms => clock.sleep(ms) },
  });
  if (isHandMade(provider)) {
    const makeRoot = needed(
      providers.dialect(address.provider).root,
      `a person who makes ${address.provider} keys`,
    );
    return makeRoot(spec.settings, providers.account(address.provider));
  }
  const maker = requireMaker(provider, address);
  return maker.make(`earlier ${shortName(address)}`.slice(0, maker.nameMaxLength), clock.now());
}

async function store(
  { world }: RehearsalContext,
  client: SecretsManagerClient,
  { address }: Key,
  value: SecretValue,
): Promise<void> {
  const SecretId = secretName(address);
  const [placeholder] = Object.keys(world.model.secretsManager.secret(SecretId).labels);
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
  // As the retire function leaves it.
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSPREVIOUS',
      RemoveFromVersionId: placeholder,
    }),
  );
}

function clientOf({ world, environment }: RehearsalContext): SecretsManagerClient {
  return new SecretsManagerClient(
    world.clientSettings(needed(environment.admins[0], 'an administrator'), 'administrator'),
  );
}
