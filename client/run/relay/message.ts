// What the relay has to know of one JSON-RPC message, and the few bytes of it that it may change.
import {
  elementsOf,
  membersOf,
  replaceIn,
  type Span,
  stringOf,
  textOf,
  valueAt,
  valueOn,
} from './json-spans';

/** A request id or progress token: a string or a number, kept as it was written. */
export interface RpcToken {
  at: Span;
  text: string;
  /** Equal for tokens that JSON calls equal, however they are written. */
  key: string;
}

interface MessageBase {
  line: Buffer;
  /** The line of the batch that it came in. */
  batch?: Buffer;
  params?: Span;
}
export type Request = MessageBase & { kind: 'request'; id: RpcToken; method: string };
export type Notification = MessageBase & { kind: 'notification'; method: string };
export type Answer = MessageBase & {
  kind: 'answer';
  id: RpcToken;
  failed: boolean;
  result?: Span;
  error?: Span;
};
/** An answer whose id is null: to a line that could not be read, or to a request with such an id. */
export type Unaddressed = MessageBase & { kind: 'unaddressed' };
export type Message = Request | Notification | Answer | Unaddressed;

/** A line of JSON-RPC. */
export type JsonRpcLine = { kind: 'single'; message: Message } | { kind: 'batch'; messages: Message[] };

/** @returns `undefined` where the line is no JSON-RPC; a batch is known to MCP 2025-03-26 only */
export function readLine(line: Buffer): JsonRpcLine | undefined {
  const value = valueOn(line);
  const batch = value && elementsOf(line, value);
  if (!batch) {
    const message = readMessage(line, value);
    return message && { kind: 'single', message };
  }
  const messages = batch.map(({ start, end }) => {
    const element = line.subarray(start, end);
    const message = readMessage(element, valueOn(element));
    return message && { ...message, batch: line };
  });
  return messages.length && messages.every(message => message !== undefined)
    ? { kind: 'batch', messages }
    : undefined;
}

export function batchLine(lines: Buffer[]): Buffer {
  const parts = lines.flatMap((line, i) => [Buffer.from(i ? ',' : '['), line]);
  return Buffer.concat([...parts, Buffer.from(']')]);
}

function readMessage(line: Buffer, value: Span | undefined): Message | undefined {
  const members = membersOf(line, value);
  if (!members) return undefined;
  const id = readToken(line, members.get('id'));
  const method = stringOf(line, members.get('method'));
  const params = members.get('params');
  if (method !== undefined) {
    return id
      ? { kind: 'request', line, id, method, params }
      : { kind: 'notification', line, method, params };
  }
  const result = members.get('result');
  const error = members.get('error');
  if (!result && !error) return undefined;
  return id ? { kind: 'answer', line, id, failed: !result, result, error } : { kind: 'unaddressed', line };
}

export function isCancel({ method }: Notification): boolean {
  return method === 'notifications/cancelled';
}

function readToken(line: Buffer, at: Span | undefined): RpcToken | undefined {
  if (!at) return undefined;
  const text = textOf(line, at);
  const string = stringOf(line, at);
  if (string !== undefined) return { at, text, key: stringKey(string) };
  // An integer is compared as written: beyond 2^53 two different ids would become one number.
  if (/^-?\d+$/.test(text)) return { at, text, key: text };
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? { at, text, key: String(number) } : undefined;
}

export function stringKey(text: string): string {
  return JSON.stringify(text);
}

export function paramToken(message: Message, ...path: string[]): RpcToken | undefined {
  return readToken(message.line, valueAt(message.line, message.params, ...path));
}

export function paramText(message: Message, ...path: string[]): string | undefined {
  return stringOf(message.line, valueAt(message.line, message.params, ...path));
}

export function resultText(answer: Answer, ...path: string[]): string | undefined {
  return stringOf(answer.line, valueAt(answer.line, answer.result, ...path));
}

/** The same line with other tokens in the given places. */
export function withTokens(line: Buffer, changes: { token: RpcToken; text: string }[]): Buffer {
  if (!changes.length) return line;
  return replaceIn(
    line,
    changes.map(({ token, text }) => ({ at: token.at, by: text })),
  );
}

/** A request of the client's, as the relay sends it again under an id of its own. */
export function againAs(request: Request, id: string): Buffer {
  return withTokens(request.line, [{ token: request.id, text: JSON.stringify(id) }]);
}

export function requestLine(id: string, method: string, params: object): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
}

export function notificationLine(method: string): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', method }));
}

/** @param id as it was written, so that it comes back the same */
export function cancelledLine(id: string, reason: string): Buffer {
  const params = `{"requestId":${id},"reason":${JSON.stringify(reason)}}`;
  return Buffer.from(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`);
}

/** @param id as it was written */
export function errorLine(id: string, message: string): Buffer {
  // -32603, internal error: MCP reserves the other codes of this range for itself.
  return Buffer.from(
    `{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":${JSON.stringify(message)}}}`,
  );
}
