// The wire protocols of the AWS APIs: how a request names its operation and parameters, and how answers are written.
import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from './aws-error';

export interface HttpRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Protocol {
  read(request: HttpRequest): { operation: string; params: Record<string, unknown> };
  answer(operation: string, result: unknown, requestId: string): HttpAnswer;
  error(error: AwsError, requestId: string): HttpAnswer;
}

export type RestRoute = readonly [operation: string, method: string, path: RegExp];

/** restJson1: method and path are the operation. @returns the parameters in the path and the query, and what is written in the body */
export function readRest(
  routes: readonly RestRoute[],
  { method, path: url, body }: HttpRequest,
): { operation: string; params: Record<string, unknown>; written?: object } {
  const [path = '', query] = url.split('?');
  for (const [operation, verb, pattern] of routes) {
    const found = verb === method && pattern.exec(path);
    if (!found) continue;
    const inPath = Object.entries(found.groups ?? {}).map(([name, value]) => [
      name,
      decodeURIComponent(value),
    ]);
    const params = { ...Object.fromEntries(inPath), ...Object.fromEntries(new URLSearchParams(query)) };
    return {
      operation,
      params,
      ...(body.length && { written: JSON.parse(body.toString('utf8')) as object }),
    };
  }
  return { operation: `${method} ${path}`, params: {} };
}

/** awsJson1_0 and awsJson1_1: the operation is in X-Amz-Target; instants are seconds since 1970. */
export function awsJson(version: '1.0' | '1.1'): Protocol {
  const headers = (requestId: string) => ({
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': requestId,
  });
  return {
    read({ headers, body }) {
      const target = String(headers['x-amz-target'] ?? '');
      const params = body.length ? (JSON.parse(body.toString('utf8')) as Record<string, unknown>) : {};
      return { operation: target.slice(target.lastIndexOf('.') + 1), params };
    },
    answer: (_operation, result, requestId) => ({
      status: 200,
      headers: headers(requestId),
      body: JSON.stringify(result ?? {}, secondsForDates),
    }),
    error: (error, requestId) => ({
      status: error.status,
      headers: {
        ...headers(requestId),
        ...(error.queryCode && { 'x-amzn-query-error': `${error.queryCode};Sender` }),
      },
      body: JSON.stringify({
        __type: error.code,
        ...error.details,
        Message: error.message,
        message: error.message,
      }),
    }),
  };
}

// `value` has been through Date.toJSON already, so the original is looked up in its holder.
function secondsForDates(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key];
  return original instanceof Date ? original.getTime() / 1000 : value;
}

/** awsQuery: a form goes in, XML comes out. */
export const awsQuery: Protocol = {
  read({ body }) {
    const { Action, Version: _version, ...params } = readForm(body.toString('utf8'));
    return { operation: String(Action), params };
  },
  answer: (operation, result, requestId) => ({
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<${operation}Response><${operation}Result>${xml(result)}</${operation}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
  }),
  error: (error, requestId) => ({
    status: error.status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      `<ErrorResponse><Error><Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${error.code}</Code>` +
      `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }),
};

type Tree = { [name: string]: Tree | string };

/** `A.entry.1.Name=x&A.entry.1.Value.B=y` is the map {A: {x: {B: 'y'}}}; `A.member.1=x` is the list {A: ['x']}. */
function readForm(text: string): Record<string, unknown> {
  const tree: Tree = {};
  for (const [path, value] of new URLSearchParams(text)) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let place = tree;
    for (const name of names) {
      place[name] ??= {};
      place = place[name] as Tree;
    }
    place[last] = value;
  }
  return Object.fromEntries(Object.entries(tree).map(([name, node]) => [name, gather(node)]));
}

function gather(node: Tree | string): unknown {
  if (typeof node === 'string') return node;
  if (typeof node.member === 'object') return inOrder(node.member).map(gather);
  if (typeof node.entry === 'object') {
    return Object.fromEntries(inOrder(node.entry).map(entry => mapEntry(entry as Tree)));
  }
  return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, gather(child)]));
}

function mapEntry(entry: Tree): [string, unknown] {
  const name = String(entry.Name ?? entry.key);
  const value = entry.Value ?? entry.value;
  if (value === undefined) throw new Error(`the map entry ${name} has no value`);
  return [name, gather(value)];
}

function inOrder(numbered: Tree): (Tree | string)[] {
  return Object.entries(numbered)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, node]) => node);
}

function xml(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) {
    return [...value]
      .map(([key, held]) => `<entry><key>${xml(key)}</key><value>${xml(held)}</value></entry>`)
      .join('');
  }
  if (Array.isArray(value)) return value.map(item => `<member>${xml(item)}</member>`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([name, child]) => `<${name}>${xml(child)}</${name}>`)
      .join('');
  }
  return escapeXml(String(value));
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, character => `&#${character.charCodeAt(0)};`);
}
