// What is typed or pasted into a prompt that shows nothing, with the terminal in raw mode.
import type { Readable } from 'node:stream';

const ctrlC = '\u0003';
const ctrlD = '\u0004';
const isErase = (key: string) => key === '\u007f' || key === '\b';
const isEnd = (key: string) => key === '\r' || key === '\n';
const isControl = (key: string) => key < ' ' && key !== '\t';

/**
 * @param isWhole false while the text goes on after the end of a line
 * @returns the text up to the end of its line; more lines, where they were pasted in one go, so that this can be told
 */
export function readHidden(
  stdin: Readable,
  isWhole: (text: string) => boolean,
  interruption: AbortController,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const stop = () => {
      stdin.off('data', take);
      interruption.signal.removeEventListener('abort', abort);
    };
    const finish = (pastedBehind: string) => {
      stop();
      resolve((typed + pastedBehind).replace(/[\r\n]+$/, ''));
    };
    const abort = () => {
      stop();
      reject(interruption.signal.reason);
    };
    /** @returns false for a key with which the reading ends */
    const type = (key: string): boolean => {
      if (key === ctrlC || key === ctrlD || (isEnd(key) && isWhole(typed))) return false;
      typed = afterKey(typed, key);
      return true;
    };
    function take(chunk: Buffer | string): void {
      const keys = [...chunk.toString()];
      const last = keys.findIndex(key => !type(key));
      if (last < 0) return;
      if (keys[last] === ctrlC) interruption.abort();
      else finish(keys[last] === ctrlD ? '' : keys.slice(last).join(''));
    }
    interruption.signal.addEventListener('abort', abort);
    stdin.on('data', take);
    stdin.resume();
  });
}

function afterKey(typed: string, key: string): string {
  if (isErase(key)) return [...typed].slice(0, -1).join('');
  if (isEnd(key)) return `${typed}\n`;
  return isControl(key) ? typed : typed + key;
}
