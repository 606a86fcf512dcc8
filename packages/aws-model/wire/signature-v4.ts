// AWS Signature Version 4 of POSTs to `/`, written from its documentation, so that a fake can tell a right signature from a
// wrong one without asking the library that made it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto';

/** A POST to `/` as it arrived. */
export interface SignedPost {
  /** `https://iam.amazonaws.com` */
  origin: string;
  /** By lower-case name. */
  headers: Record<string, string>;
  text: string;
}

export interface Signature {
  accessKeyId: string;
  /** `<day>/<region>/<service>/aws4_request` */
  scope: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  /** When it was made, by the caller's clock. */
  madeAt: Date;
}

export function readSignature(call: SignedPost): Signature | undefined {
  const credential = /Credential=(\w+)\/(\d{8}\/[\w-]+\/(\w+)\/aws4_request)/.exec(
    call.headers.authorization ?? '',
  );
  const rest = /SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/.exec(call.headers.authorization ?? '');
  if (!credential || !rest) return undefined;
  const [, accessKeyId = '', scope = '', service = ''] = credential;
  const [, names = '', signature = ''] = rest;
  const parts = /^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/.exec(call.headers['x-amz-date'] ?? '') ?? [];
  const [, year, month, hour, minute, second] = parts;
  const madeAt = new Date(`${year}-${month}-${hour}:${minute}:${second}`);
  return { accessKeyId, scope, service, signedHeaders: names.split(';'), signature, madeAt };
}

export function isSignedWith(secret: string, call: SignedPost): boolean {
  const given = readSignature(call);
  if (!given?.signedHeaders.includes('host')) return false;
  const sent: Record<string, string> = { ...call.headers, host: new URL(call.origin).host };
  const headers = Object.fromEntries(given.signedHeaders.map(name => [name, sent[name] ?? '']));
  return signatureOf(secret, given.scope, headers, call.text) === given.signature;
}

/** A signed form, as an MCP server would send it. */
export function signedForm(
  { origin, region, service }: { origin: string; region: string; service: string },
  { accessKeyId, secret }: { accessKeyId: string; secret: string },
  form: Record<string, string>,
  now: Date,
): { url: string; method: 'POST'; headers: Record<string, string>; body: string } {
  const body = new URLSearchParams(form).toString();
  const date = now.toISOString().replace(/[:-]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-amz-date': date };
  const signature = signatureOf(secret, scope, { ...headers, host: new URL(origin).host }, body);
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=${signature}`;
  return { url: `${origin}/`, method: 'POST', headers: { ...headers, authorization }, body };
}

/** @param headers the signed ones only, by lower-case name */
function signatureOf(secret: string, scope: string, headers: Record<string, string>, body: string): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const names = Object.keys(headers).sort();
  const lines = names.map(name => `${name}:${headers[name]?.trim() ?? ''}\n`).join('');
  const canonical = ['POST', '/', '', lines, names.join(';'), sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, toSign).toString('hex');
}
