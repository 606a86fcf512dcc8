import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { verifyKey } from '../../connectors/contract/bind';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';
import type { Verdict } from '../../core/provider';
import type { Key } from '../../lib/config/config';
import { connect } from '../aws/aws';
import { type DeployedKey, requireKey } from '../aws/deployed-keys';
import { isUnissued, keyState, reuseOf } from '../aws/key-state';
import { loadConfig } from '../config/load-config';
import { findKey, selectEnvironment } from '../config/selection';
import { type KeyFlags, readKeyByHand, valueOfKeyByHand } from '../input/key-by-hand';
import {
  type Command,
  type CommandContext,
  type CommonFlags,
  needConfirmation,
  print,
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
  refuseUnlessFree(deployed, flags, clock.now());
  const replaces = !isUnissued(deployed);
  if (replaces) warnOfReplacing(key, deployed, context);
  if (flags.dryRun) {
    const effect = `the key that you enter becomes current, unless ${connector.title} rejects it`;
    const change = { action: 'secretsmanager:PutSecretValue', on: deployed.name, effect };
    return printDryRun(context, flags, environment.name, [change]);
  }
  if (replaces) await needConfirmation(context, flags, 'Replace it?');
  const entered = await readKeyByHand(key, connector, terminal);
  const value = valueOfKeyByHand(key, entered, flags, clock.now());
  const verdict = await verifyKey(connector, value, key.spec.settings, clock);
  refuseRejected(verdict, connector.title, value);
  terminal.interrupted.throwIfAborted();
  const stored = await aws.secretsManager.send(
    new PutSecretValueCommand({ SecretId: deployed.arn, SecretString: JSON.stringify(value) }),
  );
  const doubt = `${connector.title} could not confirm that it accepts the key; check that the server works, or run this again with --replace`;
  const facts = { key: name, keyId: value.keyId, versionId: stored.VersionId, verdict, replaced: replaces };
  // To try a refresh token is to spend it.
  const untried = entered.refreshToken
    ? '; its refresh token is first used when a server asks for a token'
    : '';
  const said = verdict === 'accepted' ? `${connector.title} accepts it${untried}` : `not verified: ${doubt}`;
  print(context, flags, facts, `${name} is now key ${value.keyId}; ${said}\n`);
  return verdict === 'accepted' ? exitCode.done : exitCode.attention;
};

/** @throws {KeyturnError} if Keyturn would lose track of a key that still works */
function refuseUnlessFree(deployed: DeployedKey, { replace }: AdoptFlags, now: Date): void {
  const name = shortName(deployed.address);
  const { state, pendingVersion, previousUntil } = keyState(deployed, now);
  if (state === 'ended') throw new KeyturnError('refused', `${name} has ended; ${reuseOf(name)}`);
  if (pendingVersion) {
    throw new KeyturnError(
      'refused',
      `a rotation of ${name} is still running, and its key would be lost; wait, or end it with \`keyturn rotate ${name} --unstick\``,
    );
  }
  if (isUnissued(deployed)) return;
  if (!replace) {
    throw new KeyturnError(
      'usage',
      `${name} already has a key; add --replace to replace it with yours, or run \`keyturn rotate ${name}\` for a new one`,
    );
  }
  if (previousUntil) {
    throw new KeyturnError(
      'refused',
      `the previous key of ${name} is valid until ${utc(previousUntil)} UTC, and Keyturn would lose track of it; run this again when \`keyturn status\` shows no overlap`,
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
