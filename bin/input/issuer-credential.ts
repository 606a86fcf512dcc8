// The admin credential of a provider, as a person gives it.
import type { IssuerShape } from '../../connectors/contract/connector';
import { KeyturnError } from '../../core/errors';
import { malformation } from '../../core/key/malformed';
import { parsedJson } from '../../core/text/parsed-json';

/** @returns its JSON, checked. @throws {KeyturnError} usage; names fields, never what is in them */
export function readIssuerCredential(title: string, shape: IssuerShape, text: string): object {
  const read = shape.issuer.safeParse(parse(title, shape, text));
  if (read.success) return read.data as object;
  const places = read.error.issues.map(({ path }) => (path.length ? `"${path.join('.')}"` : 'the top'));
  throw invalidCredential(title, `is incomplete or wrong at ${[...new Set(places)].join(', ')}`, shape);
}

/** The whole of a credential that is JSON may be many lines. */
export function isWholeCredential(text: string): boolean {
  return !text.trimStart().startsWith('{') || parsedJson(text) !== undefined;
}

function parse(title: string, shape: IssuerShape, text: string): unknown {
  if (text.trimStart().startsWith('{')) {
    const value = parsedJson(text);
    if (value === undefined) throw invalidCredential(title, 'looks like JSON, but cannot be parsed', shape);
    return value;
  }
  const problem = malformation(text);
  if (problem) throw invalidCredential(title, problem, shape);
  const [only, ...others] = neededFields(shape);
  if (only !== undefined && !others.length) return { [only]: text };
  throw invalidCredential(title, 'must be JSON', shape);
}

/** The fields without which the credential is not one. */
function neededFields({ issuer }: IssuerShape): string[] {
  const missing = issuer.safeParse({});
  return missing.success ? [] : [...new Set(missing.error.issues.map(({ path }) => String(path[0])))];
}

function invalidCredential(title: string, problem: string, { issuerHelp }: IssuerShape): KeyturnError {
  return new KeyturnError('usage', `the issuer credential of ${title} ${problem}; give ${issuerHelp}`);
}
