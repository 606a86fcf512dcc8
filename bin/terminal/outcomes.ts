// What came of several rotations: a table for people, and one exit code.

import type { Outcome } from '../aws/rotations';
import { type ExitCode, exitCode } from './exit-code';
import { type CommonFlags, print, type Surroundings } from './surroundings';
import { count, table } from './table';

const words: Record<Outcome['result'], string> = {
  done: 'done',
  'had-one': 'has a key',
  failed: 'FAILED',
  'going-on': 'going on in AWS',
  'not-started': 'not started',
};

export function printOutcomes(
  surroundings: Surroundings,
  flags: CommonFlags,
  environment: string,
  outcomes: Outcome[],
): ExitCode {
  const rows = outcomes.map(({ key, result, seconds, note }) => [
    key,
    words[result],
    seconds === undefined ? '-' : `${seconds} s`,
    note ?? '',
  ]);
  const fixes = outcomes.flatMap(({ key, fix }) => (fix ? `  ${key}: ${fix}\n` : []));
  const done = outcomes.filter(({ result }) => result === 'done' || result === 'had-one').length;
  const summary = `\n${environment}: ${done} of ${count(outcomes.length, 'key')} done\n`;
  const text = `${table(['KEY', 'RESULT', 'TOOK', ''], rows)}${summary}${fixes.join('')}`;
  print(surroundings, flags, { environment, keys: outcomes }, text);
  if (surroundings.terminal.interrupted.aborted) return exitCode.interrupted;
  if (done === outcomes.length) return exitCode.done;
  return done ? exitCode.attention : exitCode.failed;
}
