// Statements of Snowflake's SQL API: who asks, and waiting until the result is there.
import { createHash, createPublicKey } from 'node:crypto';
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import type { Cause, Http, HttpCall } from '../../http/http';
import { readRsaKey, signJwt } from '../../http/signed-jwt';

export interface Issuer {
  /** `<organization>-<account>`, or `<locator>.<region>`. */
  account: string;
  user: string;
  /** PEM. */
  privateKey: string;
}

export const statementsPath = '/api/v2/statements';
export const needs = 'MODIFY PROGRAMMATIC AUTHENTICATION METHODS on this user';

// A result has rows; until then, there is only the way to it.
const running = z.object({ statementHandle: z.string(), data: z.optional(z.never()) });
const result = z.object({
  resultSetMetaData: z.object({
    rowType: z.array(z.object({ name: z.string() })),
    // Tokens of a user are few, and fill one.
    partitionInfo: z.optional(z.array(z.unknown()).check(z.maxLength(1))),
  }),
  data: z.array(z.array(z.nullable(z.string()))),
});
const notAllowed = z.object({ sqlState: z.literal('42501') });
const causes: Cause[] = [['refused', notAllowed, `its user needs the privilege ${needs}`]];

export const withToken = (bearer: string, type: string) => ({
  bearer,
  headers: { 'x-snowflake-authorization-token-type': type },
});

/** One statement, until its result is there. @returns its rows */
export async function runStatement<Row>(
  http: Http,
  issuer: Issuer,
  statement: string,
  row: z.ZodMiniType<Row>,
  how: Pick<HttpCall, 'once'> = {},
): Promise<Row[]> {
  const call = { ...withToken(jwtOf(http, issuer), 'KEYPAIR_JWT'), needs, causes };
  const json = { statement, timeout: 60 };
  const { body } = await http.send('POST', statementsPath, {
    ...call,
    ...how,
    json,
    reply: z.union([result, running]),
  });
  const done = body.data ? body : await resultOf(body.statementHandle);
  const names = done.resultSetMetaData.rowType.map(({ name }) => name.toLowerCase());
  return done.data.map(values => {
    const read = row.safeParse(Object.fromEntries(values.map((value, at) => [names[at] ?? '', value])));
    if (read.success) return read.data;
    throw new KeyturnError(
      'bad-reply',
      'Snowflake answered a statement with other columns than it documents; look for a newer Keyturn',
    );
  });

  async function resultOf(handle: string) {
    const poll = { ...call, underWay: running, reply: result };
    return (await http.send('GET', `${statementsPath}/${encodeURIComponent(handle)}`, poll)).body;
  }
}

/** https://docs.snowflake.com/en/developer-guide/sql-api/authenticating#using-key-pair-authentication */
export function jwtOf(http: Http, { account, user, privateKey }: Issuer): string {
  const [own = ''] = account.toUpperCase().split('.');
  const spki = createPublicKey(readRsaKey(privateKey)).export({ type: 'spki', format: 'der' });
  const who = `${own}.${user.toUpperCase()}`;
  const iat = Math.floor(http.now().getTime() / 1000);
  const iss = `${who}.SHA256:${createHash('sha256').update(spki).digest('base64')}`;
  return signJwt({ iss, sub: who, iat, exp: iat + 600 }, privateKey);
}

/** A text as statements have it. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** Seconds since 1970, and what may stand behind them; or a date as text. */
export function timeIn(told: string): Date {
  const [, seconds] = /^(\d+(?:\.\d+)?)(?: \d+)?$/.exec(told) ?? [];
  return seconds === undefined ? new Date(told) : new Date(Number(seconds) * 1000);
}
