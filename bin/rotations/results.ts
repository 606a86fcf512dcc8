// The results of several rotations: a table for people, and one exit code.

import { type CommandContext, type CommonFlags, print } from '../terminal/command';
import { type ExitCode, exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';

export interface RotationResult {
  key: string;
  /** `going-on`: no longer watched, while AWS continues. */
  result: 'done' | 'had-one' | 'failed' | 'going-on' | 'not-started';
  seconds?: number;
  versionId?: string;
  note?: string;
  fix?: string;
}

const words: Record<RotationResult['result'], string> = {
  done: 'done',
  'had-one': 'has a key',
  failed: 'FAILED',
  'going-on': 'continues in AWS',
  'not-started': 'not started',
};

export function printResults(
  context: CommandContext,
  flags: CommonFlags,
  environment: string,
  results: RotationResult[],
): ExitCode {
  const rows = results.map(({ key, result, seconds, note }) => [
    key,
    words[result],
    seconds === undefined ? '-' : `${seconds} s`,
    note ?? '',
  ]);
  const fixes = results.flatMap(({ key, fix }) => (fix ? `  ${key}: ${fix}\n` : []));
  const done = results.filter(({ result }) => result === 'done' || result === 'had-one').length;
  const summary = `\n${environment}: ${done} of ${count(results.length, 'key')} done\n`;
  const text = `${table(['KEY', 'RESULT', 'TOOK', ''], rows, context.terminal.width.out)}${summary}${fixes.join('')}`;
  print(context, flags, { environment, keys: results }, text);
  if (context.terminal.interrupted.aborted) return exitCode.interrupted;
  if (done === results.length) return exitCode.done;
  return done ? exitCode.attention : exitCode.failed;
}
