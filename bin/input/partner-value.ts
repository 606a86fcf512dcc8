// The value of a key that AWS rotates: entered as AWS's partner has it, and stored as it was entered.
import type { AwsPartner } from '../../connectors/contract/aws-partner';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { malformation } from '../../core/key/malformed';
import type { SecretValue } from '../../core/key/secret-value';
import type { Clock } from '../../core/provider';
import { parsedJson } from '../../core/text/parsed-json';
import type { Key } from '../../lib/config/config';
import type { Terminal } from '../terminal/terminal';

export interface PartnerValue {
  /** As everybody else reads it. */
  value: SecretValue;
  stored: Record<string, string>;
}

/** @throws {KeyturnError} usage; says what is wrong, and never quotes what was entered */
export async function readPartnerValue(
  key: Key,
  partner: AwsPartner,
  terminal: Terminal,
  clock: Clock,
): Promise<PartnerValue> {
  const name = shortName(key.address);
  const text = await terminal.readSecret(`${partner.type} for ${name}, as JSON`, isWhole);
  const stored = fieldsIn(text, name, partner);
  const value = partner.read(stored, name, clock.now()) as SecretValue;
  const problem = malformation(value.secret);
  if (problem) throw wrong(name, `its key ${problem}`, partner);
  const absent = Object.values(key.env).find(field => value[field] === undefined);
  if (absent) throw wrong(name, `its server expects the field "${absent}"`, partner);
  return { value, stored };
}

function fieldsIn(text: string, name: string, partner: AwsPartner): Record<string, string> {
  const entered = parsedJson(text);
  if (typeof entered !== 'object' || entered === null || Array.isArray(entered))
    throw wrong(name, 'it is not a JSON object', partner);
  for (const [field, isNeeded] of partner.fields)
    if (isNeeded && !(entered as Record<string, unknown>)[field])
      throw wrong(name, `it has no ${field}`, partner);
  return Object.fromEntries(
    Object.entries(entered).map(([field, content]) => {
      // Not quoted: it could be a key that was pasted in the wrong place.
      if (!partner.fields.has(field)) throw wrong(name, 'it has a field that AWS does not use', partner);
      if (typeof content !== 'string') throw wrong(name, `its ${field} is not text`, partner);
      return [field, content];
    }),
  );
}

/** A paste may have lines. */
function isWhole(text: string): boolean {
  return !text.trimStart().startsWith('{') || parsedJson(text) !== undefined;
}

function wrong(name: string, what: string, { type, fields }: AwsPartner): KeyturnError {
  const form = [...fields].map(([field, isNeeded]) => `"${field}"${isNeeded ? '' : '?'}`).join(', ');
  return new KeyturnError(
    'usage',
    `the value entered for ${name} is not AWS's ${type}: ${what}; enter {${form}}`,
  );
}
