// Where `keyturn run --local` gets its values.
import { closeSync, openSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import { envFile, keychain, type LocalValues, readingOnce } from '../../client/keys/local-source';
import { KeyturnError } from '../../core/errors';
import { createTerminal, type Terminal } from '../terminal/terminal';

/** @param from `prompt`, `keychain`, or a file of variables */
export function localValues(from: string, terminal: Terminal): LocalValues {
  if (from === 'prompt') return readingOnce(promptFor(terminal));
  return from === 'keychain' ? readingOnce(keychain(process.platform)) : envFile(from);
}

/** Standard input is the protocol's: a person is asked at the terminal of the process. */
function promptFor(terminal: Terminal): LocalValues {
  return {
    async read({ name }) {
      if (terminal.canAsk) return terminal.readSecret(name, () => true);
      const file = openTerminal(name);
      const stdin = new ReadStream(file);
      try {
        const { stderr, stdout } = process;
        return await createTerminal({ stdin, stdout, stderr }).readSecret(name, () => true);
      } finally {
        stdin.destroy();
      }
    },
  };
}

function openTerminal(name: string): number {
  try {
    const file = openSync('/dev/tty', 'r');
    if (isatty(file)) return file;
    closeSync(file);
  } catch {}
  throw new KeyturnError(
    'usage',
    `there is no terminal to ask for ${name} at; use --local=keychain or --local=<file>`,
  );
}
