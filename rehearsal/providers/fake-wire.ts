// Requests and answers of the fake providers, between Node's HTTP server and the dialects.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WireCall, WireReply } from './dialect';
import { jwtIn } from './federation';
import { originHeader } from './routed-fetch';

export async function readCall(request: IncomingMessage): Promise<WireCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const origin = headers[originHeader] ?? 'no origin';
  const url = new URL(request.url ?? '/', 'http://localhost');
  const isJson = headers['content-type']?.includes('json') && text !== '';
  const json = isJson ? JSON.parse(text) : {};
  return {
    method: request.method ?? 'GET',
    origin,
    path: url.pathname,
    params: {},
    query: url.searchParams,
    headers,
    text,
    json,
    form: await readForm(headers['content-type'] ?? '', bytes),
  };
}

async function readForm(type: string, bytes: Buffer): Promise<URLSearchParams> {
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/.test(type))
    return new URLSearchParams();
  const parts = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  return new URLSearchParams([...parts].map(([name, value]): [string, string] => [name, String(value)]));
}

/** Credentials in the headers, whatever came as a token or password, and the JWT that is to be exchanged for one. */
export function secretsIn(call: WireCall): string[] {
  const { headers } = call;
  const authorization = headers.authorization ?? '';
  const basic = /^Basic (.+)$/.exec(authorization)?.[1];
  const password = basic && Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':');
  const token = /^(?:Bearer|SSWS) (.+)$/.exec(authorization)?.[1];
  return [password, token, headers['private-token'], jwtIn(call)].filter((secret): secret is string =>
    Boolean(secret),
  );
}

export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name) params[name] = decodeURIComponent(given[index] ?? '');
    else if (part !== given[index]) return undefined;
  }
  return params;
}

export function writeReply(response: ServerResponse, reply: WireReply): void {
  const isText = typeof reply.body === 'string';
  const text = reply.body === undefined ? '' : isText ? (reply.body as string) : JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/plain' : 'application/json',
    // With its length told, an answer is one write.
    ...(reply.status !== 204 && { 'content-length': String(Buffer.byteLength(text)) }),
    ...reply.headers,
  });
  response.end(text);
}
