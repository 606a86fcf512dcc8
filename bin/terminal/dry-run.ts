import { type CommandContext, type CommonFlags, print } from './command';
import { type ExitCode, exitCode } from './exit-code';
import { table } from './table';

/** One call that changes something, as `--dry-run` shows it in place of making it. */
export interface AwsChange {
  /** As IAM calls it: `secretsmanager:RotateSecret`. */
  action: string;
  /** The name of the secret, the function or the alarm. */
  on: string;
  /** For people: what becomes of the key. */
  effect: string;
}

/** A key that nothing would be done with. */
export interface BlockedKey {
  key: string;
  note?: string;
  fix?: string;
}

/** What a command would do, in the order in which it would. */
export function printDryRun(
  context: CommandContext,
  flags: CommonFlags,
  environment: string,
  changes: AwsChange[],
  blocked: BlockedKey[] = [],
): ExitCode {
  const rows = changes.map(({ action, on, effect }) => [action, on, effect]);
  const calls = table(['CALL', 'ON', 'EFFECT'], rows, context.terminal.width.out);
  const text = changes.length
    ? `${environment}: a dry run, nothing was changed. Without --dry-run this would call:\n${calls}`
    : `${environment}: a dry run: there is nothing to change\n`;
  const left = blocked.map(
    ({ key, note, fix }) => `${key} is left out: ${[note, fix].filter(Boolean).join('; ')}\n`,
  );
  print(context, flags, { environment, dryRun: true, changes, blocked }, `${text}${left.join('')}`);
  return blocked.length ? exitCode.attention : exitCode.done;
}
