// Lets go of a version that holds something else than a key. Only a person can say what it is, and whether it still works.
import { KeyturnError } from '../../core/errors';
import { labelsToRelease } from '../../core/incident/marks';
import { shortName } from '../../core/key/key-address';
import { marksIn } from '../../lambda/aws/table/marks';
import { type Aws, connect } from '../aws/aws';
import { orderChange, requestFromEmergency, tableOf } from '../aws/functions/emergency';
import { type DeployedKey, requireKey } from '../aws/keys/deployed-keys';
import { loadConfig } from '../config/load-config';
import { findKey, selectEnvironment } from '../config/selection';
import { type CommandContext, print, requireConfirmation } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import type { EndFlags } from './end';

/** The emergency function does it, which refuses where the version holds a key. */
export async function forgetVersion(
  flags: EndFlags & { forgetVersion: string },
  context: CommandContext,
): Promise<number> {
  const { names, forgetVersion: versionId } = flags;
  const [typed, ...others] = names;
  if (!typed || others.length || flags.forget || flags.server || flags.provider || flags.team) {
    throw new KeyturnError(
      'usage',
      '--forget-version takes one key by its name; for example: npx keyturn end prod/sendgrid/support-bot --forget-version <id>',
    );
  }
  const environment = selectEnvironment(await loadConfig(flags.config), flags, names);
  const aws = await connect(environment, flags);
  const key = await requireKey(aws, findKey(environment, typed).address);
  const name = shortName(key.address);
  await requireForgettable(aws, key, versionId);
  context.terminal.err(
    `${environment.name} (account ${environment.account}, ${environment.region}): version ${versionId} of ${name}\n` +
      'If it holds a key in a form that Keyturn does not read, revoke that key at its provider first: afterwards nothing leads to it.\n',
  );
  if (flags.dryRun)
    return printDryRun(context, flags, environment.name, [orderChange(aws, 'forget a version of', 1)]);
  await requireConfirmation(context, flags, 'Forget this version?');
  await requestFromEmergency(aws, {
    kind: 'forget-version',
    key: key.address,
    versionId,
    requestedBy: aws.caller,
  });
  const facts = { key: name, versionId };
  const text = `version ${versionId} of ${name} is forgotten; an incident that waits for it closes with its next try, within an hour\n`;
  print(context, flags, facts, text);
  return exitCode.done;
}

/** A look before on-call would hear of an order that the function refuses. */
async function requireForgettable(aws: Aws, key: DeployedKey, versionId: string): Promise<void> {
  const name = shortName(key.address);
  const labels = Object.fromEntries(key.versions.map(({ id, labels }) => [id, labels]));
  const marked = await marksIn(tableOf(aws), key.address);
  if (labels[versionId]?.includes('AWSCURRENT')) {
    throw new KeyturnError(
      'refused',
      `version ${versionId} is the current one of ${name}, which AWS keeps until another is stored; run \`npx keyturn revoke ${name}\`, which replaces it`,
    );
  }
  if (marked.includes(versionId) || labelsToRelease({ versions: labels }, versionId).length) return;
  const known = [...new Set([...Object.keys(labels), ...marked])].join(', ');
  throw new KeyturnError(
    'not-found',
    `${name} has no version ${versionId} that Keyturn would wait for; its versions are ${known}`,
  );
}
