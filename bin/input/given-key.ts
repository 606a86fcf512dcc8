// What is secret of a key that a person made, as they give it: the key; and the refresh token, where a consent goes with it.
import type { Connector } from '../../connectors/contract/connector';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { malformation } from '../../core/key/malformed';
import type { Key } from '../../lib/config/config';
import type { Terminal } from '../terminal/terminal';

export interface GivenKey {
  secret: string;
  refreshToken?: string;
}

const both = '{"secret": "...", "refreshToken": "..."}';

/** @throws {KeyturnError} usage; says what is wrong, and never quotes what was given */
export async function readGivenKey(key: Key, connector: Connector, terminal: Terminal): Promise<GivenKey> {
  const name = shortName(key.address);
  const question = `${connector.title} key for ${name}`;
  if (!hasConsent(connector, key)) {
    return wellFormed(name, { secret: await terminal.readSecret(question, isWholeKey) });
  }
  if (!terminal.canAsk) return wellFormed(name, parseBoth(name, await terminal.readSecret('', () => true)));
  const secret = await terminal.readSecret(question, isWholeKey);
  const refreshToken = await terminal.readSecret(`Refresh token for ${name}`, () => true);
  return wellFormed(name, { secret, refreshToken });
}

function hasConsent(connector: Connector, { spec }: Key): boolean {
  return connector.kind === 'mint' && (connector.usesUpRoot?.(spec.settings) ?? false);
}

/** A private key goes on until its last line. */
function isWholeKey(text: string): boolean {
  return !text.startsWith('-----BEGIN ') || /-----END [A-Z ]+-----\s*$/.test(text);
}

function parseBoth(name: string, text: string): GivenKey {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    // The cause is dropped: JSON.parse quotes its input.
  }
  const fields = Object.entries((given ?? {}) as object);
  const known = fields.filter(
    ([field, value]) => ['secret', 'refreshToken'].includes(field) && typeof value === 'string',
  );
  if (known.length === 2 && fields.length === 2) return given as GivenKey;
  throw new KeyturnError(
    'usage',
    `${name} needs its client's secret and a refresh token, and what came in is not both; pipe in ${both}, or run this where it can ask`,
  );
}

function wellFormed(name: string, given: GivenKey): GivenKey {
  const parts = { key: given.secret, 'refresh token': given.refreshToken };
  for (const [what, text] of Object.entries(parts)) {
    const problem = text === undefined ? undefined : malformation(text);
    if (!problem) continue;
    throw new KeyturnError(
      'usage',
      `what was given as the ${what} of ${name} ${problem}; give the ${what} alone`,
    );
  }
  return given;
}
