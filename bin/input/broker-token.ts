// The token by which servers are let through a broker that runs elsewhere.
import { readFileSync } from 'node:fs';
import { KeyturnError } from '../../core/errors';

const shortestToken = 24;

/** @throws {KeyturnError} usage */
export function brokerToken(file: string | undefined, { KEYTURN_BROKER_TOKEN }: NodeJS.ProcessEnv): string {
  const token = file === undefined ? KEYTURN_BROKER_TOKEN : readToken(file);
  const fix = 'make one: openssl rand -hex 32';
  if (!token)
    throw new KeyturnError(
      'usage',
      `there is no token, which servers must present; put it into KEYTURN_BROKER_TOKEN or give --token-file (${fix})`,
    );
  if (token.length < shortestToken || !/^[\w.~-]+$/.test(token))
    throw new KeyturnError(
      'usage',
      `the token is too short, or has characters that a URL may not have; ${fix}`,
    );
  return token;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KeyturnError(
      'usage',
      `--token-file ${file} cannot be read (${code}); name a file that holds the token`,
    );
  }
}
