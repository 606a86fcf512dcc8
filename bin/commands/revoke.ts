import { randomUUID } from 'node:crypto';
import { parseDuration } from '../../client/doctor/duration';
import { KeyturnError } from '../../core/errors';
import { incidentId as incidentIdOf } from '../../core/incident/incident';
import { connect } from '../aws/aws';
import { orderChange, orderRevocation, tableOf } from '../aws/functions/emergency';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEnvironment, selectKeys } from '../config/selection';
import { blastRadius, question } from '../revocations/blast-radius';
import { followOrder } from '../revocations/follow-order';
import { needsAttention, resultsOf, resultsText } from '../revocations/results';
import { type Command, type CommonFlags, print, requireConfirmation } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';

export interface RevokeFlags extends CommonFlags, Selection {
  names: string[];
  /** Every key of the environment. */
  all?: boolean;
  reason?: string;
  revokeFirst?: boolean;
  /** How long servers have to fetch the new key: `90s`. */
  grace: string;
  /** Everything happens, except that no key changes. */
  drill?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

/** Revokes keys now, and replaces them. */
export const revoke: Command<RevokeFlags> = async (flags, context) => {
  const { names, server, provider, team, all } = flags;
  if (!names.length && !server && !provider && !team && !all) {
    throw new KeyturnError(
      'usage',
      'no key is selected; name keys, add --server, --provider or --team, or --all for every key of --env',
    );
  }
  const graceSeconds = Math.round(parseDuration(flags.grace) / 1000);
  const { revokeFirst = false, drill = false, dryRun = false } = flags;
  const environment = selectEnvironment(await loadConfig(flags.config), flags, names);
  const keys = selectKeys(environment, names, flags);
  const { terminal, clock } = context;
  const aws = await connect(environment, { dryRun });
  terminal.err(
    `${blastRadius(environment, keys, { graceSeconds, revokeFirst, drill }, terminal.width.err)}\n`,
  );
  if (dryRun) {
    const response = revokeFirst ? 'revoke first, then replace' : 'replace, then revoke';
    return printDryRun(context, flags, environment.name, [orderChange(aws, response, keys.length)]);
  }
  if (!drill) await requireConfirmation(context, flags, question(environment, keys));
  const ordered = clock.now();
  const incidentId = incidentIdOf(randomUUID(), ordered);
  await orderRevocation(aws, {
    kind: 'revoke',
    incidentId,
    keys: keys.map(({ address }) => address),
    response: revokeFirst ? 'revoke-first' : 'replace-first',
    graceSeconds,
    reason: flags.reason ?? '',
    requestedBy: aws.caller,
    dryRun: drill,
  });
  terminal.err(`ordered, as incident ${incidentId}\n`);
  const incidents = await followOrder(tableOf(aws), incidentId, keys.length, context);
  const results = resultsOf(keys, incidents, ordered);
  const facts = { environment: environment.name, incidentId, keys: results };
  print(context, flags, facts, resultsText(environment.name, incidentId, results, terminal.width.out));
  if (terminal.interrupted.aborted) return exitCode.interrupted;
  const attention = results.filter(needsAttention).length;
  if (!attention) return exitCode.done;
  return attention < results.length ? exitCode.attention : exitCode.failed;
};
