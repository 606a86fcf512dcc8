import { randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  RemoveRegionsFromReplicationCommand,
} from '@aws-sdk/client-secrets-manager';
import { KeyturnError } from '../../core/errors';
import { incidentId as incidentIdOf } from '../../core/incident/incident';
import { isKeyName, type KeyAddress, parseSecretName, shortName } from '../../core/key/key-address';
import { type Environment, keysOf } from '../../lib/config/config';
import { type Aws, connect } from '../aws/aws';
import { orderChange, orderRevocation, tableOf } from '../aws/functions/emergency';
import { type DeployedKey, describeKey, listDeployedKeys } from '../aws/keys/deployed-keys';
import { hasEnded } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import {
  findKey,
  requireSome,
  type Selection,
  selectEnvironment,
  selectWithDeployed,
} from '../config/selection';
import { followOrder } from '../revocations/follow-order';
import { needsAttention, type RevocationResult, resultsOf, resultsText } from '../revocations/results';
import {
  type Command,
  type CommandContext,
  type CommonFlags,
  print,
  requireConfirmation,
} from '../terminal/command';
import { type AwsChange, printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';
import { forgetVersion } from './forget-version';

export interface EndFlags extends CommonFlags, Selection {
  names: string[];
  reason?: string;
  /** Delete the secrets of ended keys. */
  forget?: boolean;
  /** Let go of this version, which holds something else than a key. */
  forgetVersion?: string;
  yes?: boolean;
  dryRun?: boolean;
}

/**
 * Revokes keys for good, before they are taken out of the configuration; or deletes their secrets, after that; or lets go of a
 * version that holds none.
 */
export const end: Command<EndFlags> = async (flags, context) => {
  const { names, server, provider, team, forgetVersion: version } = flags;
  // Also where it is empty, as an unset variable of a shell is: that must not end the key.
  if (version !== undefined) return forgetVersion({ ...flags, forgetVersion: version }, context);
  if (!names.length && !server && !provider && !team) {
    throw new KeyturnError('usage', 'no key is selected; name keys, or add --server, --provider or --team');
  }
  const environment = selectEnvironment(await loadConfig(flags.config), flags, names);
  const aws = await connect(environment, flags);
  const selected = await select(aws, flags);
  return flags.forget ? forget(aws, selected, flags, context) : endForGood(aws, selected, flags, context);
};

/** Deployed ones, whether the configuration still has them or not. */
async function select(aws: Aws, flags: EndFlags): Promise<DeployedKey[]> {
  const { environment } = aws;
  const named: DeployedKey[] = [];
  for (const name of flags.names) {
    const address = addressOf(environment, name);
    const key = await describeKey(aws, address);
    if (!key)
      throw new KeyturnError(
        'not-found',
        `${shortName(address)} has no secret, so there is nothing to end; check its name`,
      );
    named.push(key);
  }
  const candidates = flags.names.length ? named : await listDeployedKeys(aws);
  const { deployed } = selectWithDeployed(environment, candidates, flags);
  const { name } = environment;
  return requireSome(deployed, `deployed key of ${name}`, flags, `npx keyturn status --env ${name}`);
}

/** By any of its names; by the full one where the configuration does not have it any more. */
function addressOf(environment: Environment, name: string): KeyAddress {
  const parts = name.replace(/^keyturn\//, '').split('/');
  const full = ['keyturn', ...parts, ...(parts.length === 3 ? ['main'] : [])].join('/');
  const isOurs = isKeyName(full) && parts[0] === environment.name;
  return isOurs ? parseSecretName(full) : findKey(environment, name).address;
}

async function endForGood(
  aws: Aws,
  keys: DeployedKey[],
  flags: EndFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal, clock } = context;
  const { environment } = aws;
  const names = keys.map(({ address }) => shortName(address));
  terminal.err(
    `${environment.name} (account ${environment.account}, ${environment.region}):\n${rows(keys, terminal.width.err)}\n`,
  );
  if (flags.dryRun) {
    const changes = [...keys.flatMap(unscheduling), orderChange(aws, 'end for good', keys.length)];
    return printDryRun(context, flags, environment.name, changes);
  }
  const question = `End ${count(keys.length, 'key')} of ${environment.name} for good? Servers that still use ${keys.length === 1 ? 'it' : 'them'} fail.`;
  await requireConfirmation(context, flags, question);
  // First: no new rotation begins while the key ends.
  for (const { arn, rotates } of keys)
    if (rotates) await aws.secretsManager.send(new CancelRotateSecretCommand({ SecretId: arn }));
  const ordered = clock.now();
  const incidentId = incidentIdOf(randomUUID(), ordered);
  await orderRevocation(aws, {
    kind: 'revoke',
    incidentId,
    keys: keys.map(({ address }) => address),
    response: 'end',
    graceSeconds: 0,
    reason: flags.reason ?? '',
    requestedBy: aws.caller,
    dryRun: false,
  });
  terminal.err(`ordered, as incident ${incidentId}\n`);
  const incidents = await followOrder(tableOf(aws), incidentId, keys.length, context);
  const results = resultsOf(keys, incidents, ordered).map(withFix);
  const facts = { environment: environment.name, incidentId, keys: results };
  const open = results.filter(result => result.outcome !== 'ended');
  const next = open.length
    ? 'Do not deploy the removal of keys that have not ended.\n'
    : `Next: take ${names.length === 1 ? names[0] : 'them'} out of the configuration, \`npx keyturn check --env ${environment.name}\`, and deploy.\n`;
  print(
    context,
    flags,
    facts,
    `${resultsText(environment.name, incidentId, results, terminal.width.out)}${next}`,
  );
  if (terminal.interrupted.aborted) return exitCode.interrupted;
  if (!open.length) return exitCode.done;
  return results.some(result => !needsAttention(result)) ? exitCode.attention : exitCode.failed;
}

function unscheduling({ name, rotates }: DeployedKey): AwsChange[] {
  const effect = 'no new rotation begins while the key ends';
  return rotates ? [{ action: 'secretsmanager:CancelRotateSecret', on: name, effect }] : [];
}

function rows(keys: DeployedKey[], width: number): string {
  const lines = keys.map(({ address, team }) => [
    shortName(address),
    team ?? '-',
    'revoked at once, WITHOUT a replacement',
  ]);
  return table(['KEY', 'TEAM', 'WHAT HAPPENS'], lines, width);
}

function withFix(result: RevocationResult): RevocationResult {
  if (result.outcome !== 'unknown-key') return result;
  const note =
    'not among the keys of the last deploy: put it back into the configuration, deploy, then end it';
  return { ...result, note };
}

async function forget(
  aws: Aws,
  keys: DeployedKey[],
  flags: EndFlags,
  context: CommandContext,
): Promise<number> {
  const { environment, secretsManager } = aws;
  const configured = new Set(keysOf(environment).map(({ address }) => shortName(address)));
  for (const key of keys) {
    const name = shortName(key.address);
    if (!hasEnded(key)) {
      throw new KeyturnError(
        'refused',
        `${name} has not ended, and without its secret no one could revoke its keys; run \`npx keyturn end ${name}\` first`,
      );
    }
    if (configured.has(name)) {
      throw new KeyturnError(
        'refused',
        `${name} is still in the configuration, and its stack needs the secret; take it out and deploy first`,
      );
    }
  }
  const question = `Delete ${count(keys.length, 'secret')} of ${environment.name}, without a recovery window?`;
  if (flags.dryRun) {
    const changes = keys.map(({ name }) => ({
      action: 'secretsmanager:DeleteSecret',
      on: name,
      effect: 'deleted at once, without a recovery window',
    }));
    return printDryRun(context, flags, environment.name, changes);
  }
  await requireConfirmation(context, flags, question);
  for (const { arn } of keys) {
    // AWS deletes no secret that has replicas.
    const { ReplicationStatus = [] } = await secretsManager.send(
      new DescribeSecretCommand({ SecretId: arn }),
    );
    const RemoveReplicaRegions = ReplicationStatus.flatMap(({ Region }) => Region ?? []);
    if (RemoveReplicaRegions.length)
      await secretsManager.send(
        new RemoveRegionsFromReplicationCommand({ SecretId: arn, RemoveReplicaRegions }),
      );
    await secretsManager.send(new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery: true }));
  }
  const names = keys.map(({ address }) => shortName(address));
  const text = names.map(name => `${name} is forgotten; you can add it again\n`).join('');
  print(context, flags, { environment: environment.name, forgotten: names }, text);
  return exitCode.done;
}
