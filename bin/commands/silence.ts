import { parseDuration } from '../../client/doctor/duration';
import { KeyturnError } from '../../core/errors';
import { silencedAtMostMs } from '../../core/incident/incident';
import { shortName } from '../../core/key/key-address';
import { minuteMs } from '../../core/time';
import { connect } from '../aws/aws';
import { orderChange, requestFromEmergency } from '../aws/functions/emergency';
import { loadConfig } from '../config/load-config';
import { findKey, selectEnvironment } from '../config/selection';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { utc } from '../terminal/time-format';

export interface SilenceFlags extends CommonFlags {
  name: string;
  env?: string;
  /** `4h` */
  for: string;
  reason?: string;
  /** Ends a silence. */
  off?: boolean;
  dryRun?: boolean;
}

/** Stops alarms about one key from changing anything for a while, and notifies on-call. */
export const silence: Command<SilenceFlags> = async (flags, context) => {
  const ms = flags.off ? 0 : parseDuration(flags.for);
  if (ms > silencedAtMostMs) {
    throw new KeyturnError('usage', `--for ${flags.for} is too long; use at most 72h`);
  }
  if (!flags.off && !flags.reason) {
    throw new KeyturnError('usage', 'a silence needs a reason for the person on call; add --reason "..."');
  }
  const environment = selectEnvironment(await loadConfig(flags.config), flags, [flags.name]);
  const { address } = findKey(environment, flags.name);
  const aws = await connect(environment, flags);
  if (flags.dryRun) {
    const order = flags.off ? 'end the silence of' : `silence for ${flags.for}`;
    return printDryRun(context, flags, environment.name, [orderChange(aws, order, 1)]);
  }
  await requestFromEmergency(aws, {
    kind: 'silence',
    key: address,
    minutes: Math.ceil(ms / minuteMs),
    reason: flags.reason ?? '',
    requestedBy: aws.caller,
  });
  const key = shortName(address);
  const until = ms ? new Date(context.clock.now().getTime() + ms) : undefined;
  const text = until
    ? `${key} is silenced until ${utc(until)} UTC: its alarms are recorded but change nothing; a message was sent to on-call\n`
    : `${key} is no longer silenced; a message was sent to on-call\n`;
  print(context, flags, { key, silencedUntil: until }, text);
  return exitCode.done;
};
