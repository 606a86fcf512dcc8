import { createHash } from 'node:crypto';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { verifyKey } from '../../connectors/contract/bind';
import type { Connector } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';
import type { Verdict } from '../../core/provider';
import type { Key } from '../../lib/config/config';
import { type Aws, connect } from '../aws/aws';
import { type DeployedKey, requireKey } from '../aws/keys/deployed-keys';
import { adoptedMark, isAdopted, isUnissued, keyState, reuseOf, versionWith } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import { findKey, selectEnvironment } from '../config/selection';
import { refuseUnlisted } from '../input/at-provider';
import { refuseHeldElsewhere } from '../input/held-elsewhere';
import { type KeyFlags, readKeyByHand, valueOfKeyByHand } from '../input/key-by-hand';
import { readPartnerValue } from '../input/partner-value';
import {
  type Command,
  type CommandContext,
  type CommonFlags,
  print,
  requireConfirmation,
} from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { utc } from '../terminal/time-format';

export interface AdoptFlags extends CommonFlags, KeyFlags {
  name: string;
  env?: string;
  replace?: boolean;
  yes?: boolean;
  dryRun?: boolean;
}

/** Takes over a key that a person created: from now on Keyturn stores, rotates and revokes it. */
export const adopt: Command<AdoptFlags> = async (flags, context) => {
  const { terminal, clock } = context;
  const environment = selectEnvironment(await loadConfig(flags.config), flags, [flags.name]);
  const key = findKey(environment, flags.name);
  const name = shortName(key.address);
  const connector = connectorFor(key.address.provider);
  const aws = await connect(environment, flags);
  const deployed = await requireKey(aws, key.address);
  // A run that was interrupted may have stored it already: only the key itself tells.
  const adopted = adoptedVersion(deployed);
  if (!adopted) refuseUnlessFree(deployed, flags, clock.now());
  const replaces = !isUnissued(deployed);
  if (replaces && flags.replace) warnOfReplacing(key, deployed, context);
  if (flags.dryRun) {
    const effect = `the key that you enter becomes current, unless ${connector.title} rejects it`;
    const change = { action: 'secretsmanager:PutSecretValue', on: deployed.name, effect };
    return printDryRun(context, flags, environment.name, [change]);
  }
  if (replaces && flags.replace) await requireConfirmation(context, flags, 'Replace it?');
  const entered = await readEntered(key, connector, flags, context);
  const { value } = entered;
  const verdict = await verifyKey(connector, value, key.spec.settings, clock);
  refuseRejected(verdict, connector.title, value);
  await refuseHeldElsewhere(aws, name, value, terminal);
  await refuseUnlisted(aws, key, { connector, keyId: value.keyId }, terminal);
  terminal.interrupted.throwIfAborted();
  const isDone = adopted === adoptedVersionId(deployed.arn, value);
  if (!isDone) refuseUnlessFree(deployed, flags, clock.now());
  const versionId = isDone ? adopted : await store(aws, deployed, entered);
  const doubt = `${connector.title} could not confirm that it accepts the key; check that the server works, or run this again`;
  const facts = { key: name, keyId: value.keyId, versionId, verdict, replaced: replaces && !isDone };
  // To try a refresh token is to spend it.
  const untried = value.refreshToken
    ? '; its refresh token is first used when a server asks for a token'
    : '';
  const said = verdict === 'accepted' ? `${connector.title} accepts it${untried}` : `not verified: ${doubt}`;
  const line = `${name} is ${isDone ? 'already' : 'now'} key ${value.keyId}; ${said}\n`;
  print(context, flags, facts, `${line}${whatNext(key, deployed)}`);
  return verdict === 'accepted' ? exitCode.done : exitCode.attention;
};

interface EnteredKey {
  value: SecretValue;
  /** What its secret holds. */
  stored: object;
}

async function readEntered(
  key: Key,
  connector: Connector,
  flags: AdoptFlags,
  { terminal, clock }: CommandContext,
): Promise<EnteredKey> {
  const { awsPartner } = connector;
  if (key.awsRotation && awsPartner) return readPartnerValue(key, awsPartner, terminal, clock);
  const entered = await readKeyByHand(key, connector, terminal);
  const value = await valueOfKeyByHand(key, entered, flags, clock);
  return { value, stored: value };
}

/** A server that keeps the key in its own configuration does not hear of the next one. */
function whatNext({ address, spec, awsRotation }: Key, { nextRotationBy }: DeployedKey): string {
  if (awsRotation && !awsRotation.isOn)
    return `AWS does not rotate it yet: write rotatedBy: 'aws' in the configuration, and deploy\n`;
  if (!nextRotationBy || spec.overlapHours === 0) return '';
  const { environment, server } = address;
  return `A rotation replaces it by ${utc(nextRotationBy)} UTC, and it ends after an overlap. Before, let its server read the current key: \`npx keyturn run --env ${environment} --server ${server} -- <its command>\`\n`;
}

async function store(
  aws: Aws,
  { arn }: DeployedKey,
  { value, stored }: EnteredKey,
): Promise<string | undefined> {
  const { VersionId } = await aws.secretsManager.send(
    new PutSecretValueCommand({
      SecretId: arn,
      ClientRequestToken: adoptedVersionId(arn, value),
      SecretString: JSON.stringify(stored),
    }),
  );
  return VersionId;
}

/** The same for the same key, so that a second run sees what a first one has done without reading any value. */
function adoptedVersionId(arn: string, { provider, keyId }: SecretValue): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([arn, provider, keyId]))
    .digest('hex');
  return [
    adoptedMark,
    digest.slice(0, 4),
    digest.slice(4, 8),
    digest.slice(8, 12),
    digest.slice(12, 24),
  ].join('-');
}

/** The id of the current version, where a run of this command stored it. */
function adoptedVersion(deployed: DeployedKey): string | undefined {
  const id = versionWith(deployed, 'AWSCURRENT')?.id;
  return id !== undefined && isAdopted(id) ? id : undefined;
}

/** @throws {KeyturnError} if Keyturn would lose track of a key that still works */
function refuseUnlessFree(deployed: DeployedKey, { replace }: AdoptFlags, now: Date): void {
  const name = shortName(deployed.address);
  const { state, pendingVersion, previousUntil } = keyState(deployed, now);
  if (state === 'ended') throw new KeyturnError('refused', `${name} has ended; ${reuseOf(name)}`);
  if (pendingVersion) {
    throw new KeyturnError(
      'refused',
      `a rotation of ${name} is still running, and its key would be lost; wait, or end it with \`npx keyturn rotate ${name} --unstick\``,
    );
  }
  if (isUnissued(deployed)) return;
  if (!replace) {
    throw new KeyturnError(
      'usage',
      `${name} already has a key; add --replace to replace it with yours, or run \`npx keyturn rotate ${name}\` for a new one`,
    );
  }
  if (previousUntil) {
    throw new KeyturnError(
      'refused',
      `the previous key of ${name} is valid until ${utc(previousUntil)} UTC, and Keyturn would lose track of it; run this again when \`npx keyturn status\` shows no overlap`,
    );
  }
}

function warnOfReplacing(
  { address, spec }: Key,
  deployed: DeployedKey,
  { terminal, clock }: CommandContext,
): void {
  const { currentVersion } = keyState(deployed, clock.now());
  const { title } = connectorFor(address.provider);
  terminal.err(
    `${address.environment}: ${title} key of ${address.server} (${shortName(address)}, version ${currentVersion}).\n` +
      `The current key becomes AWSPREVIOUS and is REVOKED at ${title} ${spec.overlapHours} h from now.\n`,
  );
}

function refuseRejected(verdict: Verdict, title: string, { keyId }: SecretValue): void {
  // A key that a person has just entered is more likely mistyped than turned away for another reason.
  if (verdict !== 'rejected' && verdict !== 'denied') return;
  throw new KeyturnError(
    'key-rejected',
    `${title} rejects the key ${keyId}, so nothing was stored; check that you entered all of it, that it is active, and that it belongs to the account that its settings name`,
  );
}
