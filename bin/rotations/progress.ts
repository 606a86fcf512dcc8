// Progress on stderr: a line per event, and on a terminal one more line that is redrawn.

import { count } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import type { RotationResult } from './results';

export interface RotationProgress {
  started(key: string, wasUnderWay: boolean): void;
  finished(key: string, result: RotationResult['result'], seconds: number): void;
}

const words: Record<RotationResult['result'], string> = {
  done: 'done',
  'had-one': 'had one',
  failed: 'FAILED',
  'going-on': 'left',
  'not-started': 'skipped',
};
const namedAtMost = 3;

export function createProgress({ overwrite, redraws }: Terminal, total: number): RotationProgress {
  const underWay = new Set<string>();
  let done = 0;
  const say = (line: string) => {
    const names = [...underWay];
    const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '';
    const summary = `${done} of ${count(total, 'key')} done, under way: ${names.slice(0, namedAtMost).join(', ')}${more}`;
    overwrite(`${line}\n${redraws && names.length ? summary : ''}`);
  };
  return {
    started(key, wasUnderWay) {
      underWay.add(key);
      say(`${wasUnderWay ? 'under way' : 'started  '}  ${key}`);
    },
    finished(key, result, seconds) {
      underWay.delete(key);
      if (result === 'done') done++;
      say(`${words[result].padEnd(9)}  ${key}  ${seconds} s`);
    },
  };
}
