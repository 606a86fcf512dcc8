import { GetSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { formOf } from '../../connectors/contract/aws-partner';
import { verifyKey } from '../../connectors/contract/bind';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { marksOf } from '../../core/incident/marks';
import { shortName } from '../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../core/key/secret-value';
import { marksIn } from '../../lambda/aws/table/marks';
import type { Key } from '../../lib/config/config';
import { type Aws, connect } from '../aws/aws';
import { orderChange, requestFromEmergency, tableOf } from '../aws/functions/emergency';
import { type DeployedKey, requireKey, type Version } from '../aws/keys/deployed-keys';
import { isPlaceholder, versionWith } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import { findKey, selectEnvironment } from '../config/selection';
import { type Command, type CommonFlags, print, requireConfirmation } from '../terminal/command';
import { type AwsChange, printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { utc } from '../terminal/time-format';

export interface RollbackFlags extends CommonFlags {
  name: string;
  env?: string;
  yes?: boolean;
  dryRun?: boolean;
}

/** Makes the previous key current again, as long as its provider accepts it. */
export const rollback: Command<RollbackFlags> = async (flags, context) => {
  const { terminal, clock } = context;
  const environment = selectEnvironment(await loadConfig(flags.config), flags, [flags.name]);
  const key = findKey(environment, flags.name);
  const name = shortName(key.address);
  const aws = await connect(environment, flags);
  const deployed = await requireKey(aws, key.address);
  const current = versionWith(deployed, 'AWSCURRENT');
  const previous = versionWith(deployed, 'AWSPREVIOUS');
  if (!current || !previous || isPlaceholder(deployed, previous)) {
    throw new KeyturnError(
      'refused',
      `${name} no longer has a previous key; create a new one with \`npx keyturn rotate ${name}\``,
    );
  }
  const value = await readKey(aws, deployed, previous.id);
  await refuseDead(key, value, clock);
  terminal.err(
    `${environment.name} (account ${environment.account}, ${environment.region}): ${key.address.provider} key of ${key.address.server} (${name})\n` +
      `${value.keyId}, issued ${utc(new Date(value.issuedAt))} UTC, becomes current again. The current key becomes the previous one, and is revoked after its overlap.\n`,
  );
  if (flags.dryRun)
    return printDryRun(context, flags, environment.name, await changesOf(aws, deployed, previous));
  await requireConfirmation(context, flags, 'Roll back?');
  // First: a key that is current and marked would be replaced once more.
  await unmark(aws, deployed, previous);
  await aws.secretsManager.send(
    new UpdateSecretVersionStageCommand({
      SecretId: deployed.arn,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: current.id,
      MoveToVersionId: previous.id,
    }),
  );
  const facts = { key: name, keyId: value.keyId, versionId: previous.id, previousVersionId: current.id };
  print(
    context,
    flags,
    facts,
    `${name} is key ${value.keyId} again; servers fetch it within their cache time\n`,
  );
  return exitCode.done;
};

async function readKey(
  { secretsManager }: Aws,
  { arn, address, spec }: DeployedKey,
  VersionId: string,
): Promise<SecretValue> {
  const { SecretString = '' } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: arn, VersionId }),
  );
  const value = parseSecretValue(
    SecretString,
    shortName(address),
    formOf(connectorFor(address.provider), spec),
  );
  if (value) return value;
  throw new KeyturnError(
    'unissued',
    `the previous version of ${shortName(address)} holds no key; create one with \`npx keyturn rotate\``,
  );
}

async function isMarked(aws: Aws, { address }: DeployedKey, { id, labels }: Version): Promise<boolean> {
  return marksOf(labels).length > 0 || (await marksIn(tableOf(aws), address)).includes(id);
}

async function changesOf(aws: Aws, deployed: DeployedKey, previous: Version): Promise<AwsChange[]> {
  const unmark = orderChange(aws, 'take the mark off', 1);
  const effect = 'the previous key becomes current, and the current one previous';
  const move = { action: 'secretsmanager:UpdateSecretVersionStage', on: deployed.name, effect };
  return (await isMarked(aws, deployed, previous)) ? [unmark, move] : [move];
}

/** A containment marked it to be revoked; a person decided otherwise. Only the emergency function writes marks. */
async function unmark(aws: Aws, deployed: DeployedKey, previous: Version): Promise<void> {
  if (!(await isMarked(aws, deployed, previous))) return;
  await requestFromEmergency(aws, {
    kind: 'unmark',
    key: deployed.address,
    versionId: previous.id,
    requestedBy: aws.caller,
  });
}

async function refuseDead(
  key: Key,
  value: SecretValue,
  clock: Parameters<typeof verifyKey>[3],
): Promise<void> {
  const connector = connectorFor(key.address.provider);
  const verdict = await verifyKey(connector, value, key.spec.settings, clock);
  if (verdict === 'accepted') return;
  const name = shortName(key.address);
  // Denied may be a live key, too, but servers would be turned away with it.
  throw verdict === 'rejected' || verdict === 'denied'
    ? new KeyturnError(
        'key-rejected',
        `${connector.title} rejects ${value.keyId}, the previous key of ${name}, so it cannot become current; create a new one with \`npx keyturn rotate ${name}\``,
      )
    : new KeyturnError(
        'provider-down',
        `${connector.title} could not confirm that it accepts ${value.keyId}; run this again when it answers`,
      );
}
