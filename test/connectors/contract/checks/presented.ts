// Where a server's call has its key, seen from the outside, against what the connector says of it.
import { createPublicKey, verify } from 'node:crypto';
import type { Connector } from '../../../../connectors/contract/connector';
import type { Presentation } from '../../../../connectors/contract/presented';
import { publicKeyOf } from '../../../../connectors/providers/github-deploy/ssh-key';
import type { SecretValue } from '../../../../core/key/secret-value';
import { basicOf, type WireRequest } from '../../../../rehearsal/providers/dialect';

const originForm = /^(https|ssh|postgres|rediss):\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/;

/** Throws unless this call goes to a stated host and has the key in exactly one place, and a stated one. */
export function expectPresented(
  connector: Connector,
  settings: unknown,
  value: SecretValue,
  request: WireRequest,
): void {
  const { callOrigins, presents } = used(connector);
  const stated = callOrigins(settings);
  for (const origin of stated) expect(origin).toMatch(originForm);
  // Sessions of other protocols are played over HTTPS, with Basic in the place of their sign-in.
  const origins = stated.map(origin => origin.replace(/^(ssh|postgres|rediss):/, 'https:'));
  const { origin } = new URL(request.url);
  expect([origins, origin, origins.some(stated => isBelow(stated, origin))]).toEqual([origins, origin, true]);

  const isSession = stated.some(origin => /^(postgres|rediss):/.test(origin));
  const found = placesOf(request, value).map(place =>
    isSession && place.in === 'basic' ? { in: 'session' } : place,
  );
  expect(found).toHaveLength(1);
  expect(presents).toContainEqual(found[0]);
}

/** Throws unless it has the shape of a key and is plainly none. @returns it */
export function expectPlaceholder(connector: Connector): string {
  const { kind, placeholder, secretPattern } = used(connector);
  // Private keys have lines.
  expect(placeholder).toMatch(placeholder.startsWith('-----BEGIN') ? /^[\x20-\x7e\n]+$/ : /^[\x21-\x7e]+$/);
  // A secret of what mints is a root, and servers hold tokens.
  if (kind !== 'mint') expect(placeholder).toMatch(secretPattern);
  // Words, or, where only a few characters are allowed, one of them over and over.
  expect(placeholder.replaceAll('-', '')).toMatch(/placeholder|(.)\1{15}/i);
  return placeholder;
}

/** True for a stated origin, and for hosts below one that begins with `*.`. */
function isBelow(stated: string, origin: string): boolean {
  if (!stated.startsWith('https://*.')) return stated === origin;
  return origin.startsWith('https://') && origin.endsWith(stated.slice('https://*'.length));
}

function used(connector: Connector): Exclude<Connector, { kind: 'self-issued' }> {
  if (connector.kind !== 'self-issued') return connector;
  throw new Error('nobody is called with such a key');
}

function placesOf({ url, headers, body }: WireRequest, value: SecretValue): Presentation[] {
  const found: Presentation[] = [];
  for (const [name, text] of Object.entries(headers)) {
    if (text.endsWith(value.secret)) {
      const scheme = text.slice(0, -value.secret.length).trim();
      found.push({ in: 'header', name, ...(scheme && { scheme }) });
    }
    const basic = name === 'authorization' ? basicOf({ headers }) : undefined;
    if (basic?.password === value.secret) found.push({ in: 'basic', user: userOf(basic.user, value) });
    const scheme = /^(\S+) Credential=/.exec(text)?.[1];
    if (name === 'authorization' && scheme) found.push({ in: 'signature', scheme });
  }
  for (const [name, text] of new URL(url).searchParams)
    if (text.includes(value.secret)) found.push({ in: 'query', name });
  for (const [name, text] of new URLSearchParams(body))
    if (text === value.secret) found.push({ in: 'form', name });
  for (const [name, text] of new URLSearchParams(body))
    if (isSignedBy(value.secret, text)) found.push({ in: 'assertion', name });
  const json: unknown = body?.startsWith('{') ? JSON.parse(body) : {};
  if (isSshSession(value.secret, json as Record<string, string>)) found.push({ in: 'ssh' });
  for (const [name, inner] of Object.entries(json as object))
    if (inner === value.secret) found.push({ in: 'json', name });
  return found;
}

function userOf(user: string, value: SecretValue): { field: string } | { text: string } {
  const field = Object.entries(value).find(([, text]) => text === user)?.[0];
  return field === undefined ? { text: user } : { field };
}

/** True where the private key of this file signed. */
function isSshSession(file: string, { session = '', signature = '' }: Record<string, string>): boolean {
  const point = Buffer.from(publicKeyOf(file)?.split(' ')[1] ?? '', 'base64').subarray(-32);
  if (point.length < 32 || !signature) return false;
  const key = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), point]);
  const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(session), publicKey, Buffer.from(signature, 'base64'));
}

/** True of a JWT that this private key signed. */
function isSignedBy(privateKey: string, text: string): boolean {
  const [head, body, signature] = text.split('.');
  if (!signature || !/^-----BEGIN (RSA )?PRIVATE/.test(privateKey)) return false;
  const signed = Buffer.from(`${head}.${body}`);
  return verify('sha256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url'));
}
