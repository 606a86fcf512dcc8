// One request and its answer: no retries, no judgement of the status.
import { KeyturnError } from '../../core/errors';
import type { Transport } from '../transports/transport';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  /** One of the connector's other origins, where it has several. */
  origin?: string;
  /** How errors name the path, where the path itself holds a secret. */
  shownPath?: string;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  /** At most one of json, form and multipart. */
  json?: unknown;
  form?: Record<string, string>;
  /** A form as multipart/form-data (RFC 7578), where the provider takes no other. */
  multipart?: Record<string, string>;
  /** Bearer token, or user and password: sent as `Authorization`. */
  bearer?: string;
  basic?: { user: string; password: string };
}

export interface HttpReply<Body = unknown> {
  status: number;
  headers: Headers;
  /** Parsed JSON, or `undefined` for an empty or other body. */
  body: Body;
  text: string;
}

interface Reach {
  provider: string;
  title: string;
  origins: readonly string[];
  /** Rehearsals and tests play every server over HTTP, and say so by a mark on `fetch`. */
  transport?: Transport | undefined;
}

const timeoutMs = 10_000;
const bodyLimitBytes = 1024 * 1024;
/** Real answers nest some ten levels, and a page of a hundred keys has some thousand values. */
const jsonAtMost = { levels: 100, values: 50_000 };

/**
 * @param path absolute and already encoded; a path that leaves the origin is refused
 * @throws {KeyturnError} no-answer, bad-reply (too long, too deep, too many values), bad-issuer (cannot be a header), refused (leaves the origin)
 */
export async function exchange(
  { provider, title, origins, transport }: Reach,
  method: Method,
  path: string,
  request: HttpRequest,
): Promise<HttpReply> {
  const asked = askedFor(method, path, request);
  const url = urlOf(path, request, origins, title);
  const headers = headersOf(request, provider, title);
  const body = bodyOf(request);
  let response: Response;
  let text: string | undefined;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    response = await (transport && !('playsEveryServer' in fetch)
      ? transport(url, { headers, body: String(body), signal })
      : fetch(url, { method, headers, body, redirect: 'manual', signal }));
    text = await readText(response);
  } catch (error) {
    // The cause is dropped: fetch's errors can quote what was sent.
    throw new KeyturnError(
      'no-answer',
      `${title} did not answer ${asked} (${reasonOf(error)}); it may or may not have been done, so run this again to see`,
    );
  }
  const tooMuch = (what: string) =>
    new KeyturnError(
      'bad-reply',
      `${title} answered ${response.status} to ${asked} with ${what}; check that the key's settings name its own host`,
    );
  if (text === undefined) throw tooMuch('more than 1 MiB');
  const { levels, values } = sizeOf(text);
  if (levels > jsonAtMost.levels) throw tooMuch(`more than ${jsonAtMost.levels} levels of JSON`);
  if (values > jsonAtMost.values) throw tooMuch(`more than ${jsonAtMost.values} values`);
  return { status: response.status, headers: response.headers, body: parse(text), text };
}

function bodyOf({ form, multipart, json }: HttpRequest): string | FormData | undefined {
  if (form) return encodeForm(form);
  if (json !== undefined) return JSON.stringify(json);
  if (!multipart) return undefined;
  const parts = new FormData();
  for (const [name, value] of Object.entries(multipart)) parts.set(name, value);
  return parts;
}

/** A request as errors name it. */
export function askedFor(method: Method, path: string, { shownPath = path }: HttpRequest): string {
  return `${method} ${shownPath}`;
}

/** The body of a form, exactly as it is sent: signatures are made over it. */
export function encodeForm(form: Record<string, string>): string {
  return new URLSearchParams(form).toString();
}

function urlOf(
  path: string,
  { origin, query = {}, shownPath = path }: HttpRequest,
  origins: readonly string[],
  title: string,
): URL {
  const chosen = origin ?? origins[0];
  if (!chosen || !origins.includes(chosen)) throw leaves(title, shownPath, origins);
  const url = URL.canParse(path, chosen) ? new URL(path, chosen) : undefined;
  // A path that the parser reads otherwise than written (//host, /../, backslashes, ?, #) is not the path we meant.
  if (url?.origin !== chosen || url.pathname !== path) throw leaves(title, shownPath, origins);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

function leaves(title: string, path: string, origins: readonly string[]): KeyturnError {
  const allowed = origins.join(', ') || 'nowhere';
  return new KeyturnError(
    'refused',
    `a call for ${title} to ${path} would leave ${allowed}; check that the key's id and settings are plain names`,
  );
}

function headersOf(request: HttpRequest, provider: string, title: string): Headers {
  const { bearer, basic, form, json } = request;
  try {
    const headers = new Headers({ accept: 'application/json', 'user-agent': 'keyturn', ...request.headers });
    if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
    if (basic)
      headers.set(
        'authorization',
        `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`,
      );
    if (form) headers.set('content-type', 'application/x-www-form-urlencoded');
    if (json !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
    return headers;
  } catch {
    // The cause is dropped: it quotes the header.
    throw new KeyturnError(
      'bad-issuer',
      `a credential for ${title} has characters that a header cannot carry, such as a line break; set it again with \`npx keyturn issuer set ${provider}\``,
    );
  }
}

/** @returns undefined for a body over the limit */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > bodyLimitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not an error: plain text and XML are in `text`, and who needs JSON states its shape.
    return undefined;
  }
}

/** What reading JSON would cost: each wrong value becomes an entry of an error. Marks within texts do not count. */
function sizeOf(json: string): { levels: number; values: number } {
  let depth = 0;
  let levels = 0;
  let values = 1;
  let isInText = false;
  for (const [found] of json.matchAll(/\\.|[",[\]{}]/gs)) {
    if (found === '"') isInText = !isInText;
    else if (isInText) continue;
    else if (found === ',') values++;
    else if (found === '[' || found === '{') levels = Math.max(levels, ++depth);
    else if (found === ']' || found === '}') depth--;
  }
  return { levels, values };
}

/** A code such as ECONNREFUSED, or a few words of ours: never the error's own text. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `none within ${timeoutMs / 1000} s`;
  const code = cause?.code;
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : 'connection failed';
}
