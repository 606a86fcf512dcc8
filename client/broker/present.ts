// Puts keys into requests of a server that holds placeholders: at the places that its connector names, and nowhere else. A
// placeholder that stands anywhere else, in a text or in a path, goes out as it is: it is worth nothing.
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { KeyPosition } from '../../connectors/contract/presented';
import type { Key } from '../keys/key';

/** What of a request can hold a key. */
export interface KeyCarrier {
  /** With its query. */
  path: string;
  /** As they came: names and values in turn. */
  rawHeaders: readonly string[];
  /** Absent where it is too long to be looked at. */
  body: Buffer | undefined;
}

/** A key that a server holds as a placeholder. */
export interface PlaceholderKey {
  placeholder: string;
  presents: readonly KeyPosition[];
}

/** @returns the request with the key in it, or the same object where the placeholder stands at none of its places */
export function withKey(
  request: KeyCarrier,
  { placeholder, presents }: PlaceholderKey,
  key: Key,
): KeyCarrier {
  return presents.reduce((carrying, presentation) => put(carrying, presentation, placeholder, key), request);
}

/** True where the placeholder stands anywhere. */
export function mentions({ path, rawHeaders, body }: KeyCarrier, placeholder: string): boolean {
  const text = [path, ...rawHeaders].join('\n');
  return (
    text.includes(placeholder) ||
    text.includes(encodeURIComponent(placeholder)) ||
    basicOf(headerOf(rawHeaders, 'authorization'))?.password === placeholder ||
    (body?.includes(placeholder) ?? false)
  );
}

function put(request: KeyCarrier, presentation: KeyPosition, placeholder: string, key: Key): KeyCarrier {
  switch (presentation.in) {
    case 'header':
      return inHeader(request, presentation.name, value => {
        const [, scheme = '', held] = /^(\S+ +)?(\S+)$/s.exec(value) ?? [];
        const fits = scheme.trim().toLowerCase() === (presentation.scheme ?? '').toLowerCase();
        return held === placeholder && fits ? `${scheme}${key.secret}` : value;
      });
    case 'basic':
      return inHeader(request, 'authorization', value => {
        const basic = basicOf(value);
        if (basic?.password !== placeholder) return value;
        const { user } = presentation;
        const name = 'field' in user ? fieldOf(key, user.field, basic.user) : basic.user;
        return `Basic ${Buffer.from(`${name}:${key.secret}`).toString('base64')}`;
      });
    case 'query': {
      const [path = '', query] = request.path.split(/\?(.*)/s);
      if (query === undefined) return request;
      const filled = inPairs(query, presentation.name, placeholder, key.secret);
      return filled === query ? request : { ...request, path: `${path}?${filled}` };
    }
    case 'form':
      return inBody(request, 'application/x-www-form-urlencoded', text =>
        inPairs(text, presentation.name, placeholder, key.secret),
      );
    case 'json':
      return inBody(request, 'application/json', text => {
        const root = parseTree(text);
        const field = root && findNodeAtLocation(root, [presentation.name]);
        if (field?.value !== placeholder) return text;
        const [before, after] = [text.slice(0, field.offset), text.slice(field.offset + field.length)];
        return `${before}${JSON.stringify(key.secret)}${after}`;
      });
  }
}

function fieldOf(key: Key, field: string, otherwise: string): string {
  return field === 'keyId' ? key.keyId : (key.fields[field] ?? otherwise);
}

function inHeader(request: KeyCarrier, name: string, change: (value: string) => string): KeyCarrier {
  const rawHeaders = request.rawHeaders.map((text, index, all) =>
    index % 2 && all[index - 1]?.toLowerCase() === name ? change(text) : text,
  );
  return rawHeaders.every((text, index) => text === request.rawHeaders[index])
    ? request
    : { ...request, rawHeaders };
}

function inBody(request: KeyCarrier, type: string, change: (text: string) => string): KeyCarrier {
  const { body, rawHeaders } = request;
  if (!body || !headerOf(rawHeaders, 'content-type')?.toLowerCase().startsWith(type)) return request;
  const text = body.toString('utf8');
  const changed = change(text);
  return changed === text ? request : { ...request, body: Buffer.from(changed) };
}

/** `a=b&c=d`, in a query or a form: all but the one value stays as it was written. */
function inPairs(text: string, name: string, placeholder: string, secret: string): string {
  return text
    .split('&')
    .map(pair => {
      const [key = '', value = ''] = pair.split(/=(.*)/s);
      const isIt = unescaped(key) === name && unescaped(value) === placeholder;
      return isIt ? `${key}=${encodeURIComponent(secret)}` : pair;
    })
    .join('&');
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return undefined;
  }
}

function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}

function basicOf(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic +([\w+/=]+)$/i.exec(authorization ?? '') ?? [];
  if (!encoded) return undefined;
  const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(/:(.*)/s);
  return { user, password };
}
