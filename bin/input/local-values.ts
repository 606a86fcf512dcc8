// Where `keyturn run` gets what a person has: values for --local, and the passphrase for --keep-copy.

import { closeSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isatty, ReadStream } from 'node:tty';
import type { ServerIdentity } from '../../client/doctor/variables';
import {
  envFile,
  keychain,
  type LocalValues,
  readingOnce,
  readPrivateFile,
} from '../../client/keys/sources/local-source';
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
    `${name} is needed, but there is no terminal to ask at; use --local=keychain or --local=<file>`,
  );
}

const shortestPassphrase = 16;

/** @param from `keychain`, or a file */
export function passphraseReader(from: string, place: ServerIdentity): () => Promise<string> {
  return async () => {
    const passphrase =
      from === 'keychain'
        ? await keychain(process.platform).read({
            name: 'passphrase for copies',
            address: { ...place, provider: 'copies', purpose: 'main' },
            field: 'passphrase',
          })
        : readPrivateFile(from).trim();
    if (passphrase.length >= shortestPassphrase) return passphrase;
    throw new KeyturnError(
      'usage',
      `the passphrase from ${from} is shorter than ${shortestPassphrase} characters; use, for instance, the output of \`openssl rand -base64 24\``,
    );
  };
}

/** Where copies of keys lie. */
export function copyFile({ environment, server }: ServerIdentity): string {
  const state = process.env.XDG_STATE_HOME ?? join(homedir(), '.local/state');
  return join(state, 'keyturn', `${environment}.${server}.copy`);
}
