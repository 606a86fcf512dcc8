// Snowflake's SQL API as its dialect plays it: who asks, tables as it tells them, and results that are not there at once.
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { bearerOf, unixSeconds, type WireCall, type WireReply } from './dialect';
import type { FakeAccount } from './fake-account';

export const issuerUser = 'KEYTURN';
/** Short, since making one takes long. */
export const privateKey = generateKeyPairSync('rsa', { modulusLength: 512 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const publicKey = createPublicKey(privateKey);
const print = createHash('sha256')
  .update(publicKey.export({ type: 'spki', format: 'der' }))
  .digest('base64');

export const typeOf = ({ headers }: WireCall) => headers['x-snowflake-authorization-token-type'];

/** An RS256 JWT of the user, with the print of the key that signed it, of an hour at most. */
export function isIssuer(call: WireCall, account: FakeAccount): boolean {
  const [head = '', body = '', signature = ''] = (bearerOf(call) ?? '').split('.');
  if (typeOf(call) !== 'KEYPAIR_JWT' || !signature) return false;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const [own] = hostAccount(call).toUpperCase().split('.');
  const who = `${own}.${issuerUser}`;
  const now = unixSeconds(account.now());
  const isOfNow = claims.iat <= now + 60 && claims.exp > now && claims.exp <= claims.iat + 3600;
  const isOwn = claims.iss === `${who}.SHA256:${print}` && claims.sub === who;
  const signed = Buffer.from(`${head}.${body}`);
  return isOfNow && isOwn && verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'));
}

export const hostAccount = ({ origin }: WireCall) =>
  origin.replace(/^https:\/\/|\.snowflakecomputing\.com$/g, '');

export const table = (names: string[], data: (string | null)[][]): WireReply => ({
  status: 200,
  body: {
    resultSetMetaData: {
      numRows: data.length,
      format: 'jsonv2',
      rowType: names.map(name => ({ name, type: 'text' })),
      partitionInfo: [{ rowCount: data.length, uncompressedSize: 100 }],
    },
    data,
    code: '090001',
    sqlState: '00000',
    statementHandle: '01b66701-0000-0000-0000-000000000000',
    message: 'Statement executed successfully.',
  },
});

const stillRunning = (statementHandle: string): WireReply => ({
  status: 202,
  body: {
    code: '333334',
    message:
      'Asynchronous execution in progress. Use provided query id to perform query monitoring and management.',
    statementHandle,
    statementStatusUrl: `/api/v2/statements/${statementHandle}`,
  },
});

/** Results that were asked for, and are not read yet: each is there at the second look. */
const pending = new WeakMap<FakeAccount, Map<string, { reply: WireReply; looks: number }>>();

/** Carries out, and tells the result at the second look. */
export function later(account: FakeAccount, reply: WireReply): WireReply {
  const handle = `01b66701-${account.fresh(4)}-0000-0000-${account.fresh(12)}`;
  const kept = pending.get(account) ?? new Map();
  pending.set(account, kept.set(handle, { reply, looks: 0 }));
  return { ...stillRunning(handle), key: reply.key };
}

export function lookAt(account: FakeAccount, handle: string): WireReply | undefined {
  const kept = pending.get(account)?.get(handle);
  if (!kept) return undefined;
  kept.looks++;
  return kept.looks < 2 ? stillRunning(handle) : kept.reply;
}
