// One request of a server to a provider: with the key in the place of its placeholder, and held while there is another key to
// try where the provider rejects this one.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { shortName } from '../../core/key/key-address';
import { type Cached, type CallParts, callWithKey } from '../keys/calls';
import { mayTellRejection, type ReadableAnswer } from '../keys/told-rejection';
import { type BrokeredKey, isAt } from './brokered-key';
import { type KeyCarrier, mentions, withKey } from './present';
import { endToEnd, type Upstream, type UpstreamResponse } from './upstream';

export interface HostPort {
  host: string;
  port: number;
}

export interface ExchangeParts extends CallParts {
  keys: readonly (BrokeredKey & { held: Cached })[];
  upstream: Upstream;
  /** For people. */
  say(text: string): void;
}

/** A longer body is sent on as it comes: it is not looked at, and not sent again. */
export const bodyAtMost = 1024 * 1024;
const rejectionAtMost = 64 * 1024;

interface ProviderResponse extends UpstreamResponse {
  status: number;
  headers: readonly string[];
  /** Read already, where it is or may be a rejection. */
  body: Buffer | Readable;
}

/** A request of the server, as far as it has been read. */
interface ServerRequest {
  request: IncomingMessage;
  target: HostPort;
  body: Buffer | Readable;
  upgrade?: string | undefined;
  signal: AbortSignal;
}

export interface Exchange {
  answer(request: IncomingMessage, response: ServerResponse, target: HostPort): void;
  /** A request to switch to another protocol, such as WebSocket. */
  switchProtocol(request: IncomingMessage, socket: Duplex, head: Buffer, target: HostPort): void;
}

export function createExchange({ keys, upstream, say, ...calls }: ExchangeParts): Exchange {
  const judged = { ...calls, readable };
  /** @throws {Refusal} where a placeholder stands in it that does not belong there */
  async function ask({ request, target, body, upgrade, signal }: ServerRequest): Promise<ProviderResponse> {
    const asked: KeyCarrier = {
      path: request.url ?? '/',
      rawHeaders: request.rawHeaders,
      body: Buffer.isBuffer(body) ? body : undefined,
    };
    const isHere = ({ origins }: BrokeredKey) =>
      origins.some(origin => isAt(origin, target.host, target.port));
    const shown = keys.filter(({ placeholder }) => mentions(asked, placeholder));
    const stray = shown.find(key => !isHere(key));
    if (stray) {
      const name = shortName(stray.address);
      calls.usage.count(stray.address, 'authFailures');
      say(
        `the server sent its placeholder of ${name} to ${target.host}, which that key is not for; the request was refused.`,
      );
      throw new Refusal(403, `the placeholder of ${name} is not for ${target.host}`);
    }
    const inSuccess = shown.some(({ rejectsInSuccess }) => rejectsInSuccess);
    const mayRepeat = () => Buffer.isBuffer(body) && shown.every(key => key.unauthorizedMeansNotDone);

    const send = async ({ path, rawHeaders, body: filled }: KeyCarrier): Promise<ProviderResponse> => {
      const method = request.method ?? 'GET';
      const sent = { ...target, method, path, rawHeaders, upgrade, body: filled ?? body, signal };
      const received = await upstream(sent);
      const { message } = received;
      const { statusCode: status = 502, rawHeaders: headers } = message;
      const answered = shown.length ? await readRejection(status, message, inSuccess) : message;
      return { ...received, status, headers, body: answered };
    };
    /** One key after the other: where all are in, the request goes out. */
    const withKeys = (carrying: KeyCarrier, [next, ...others]: typeof shown): Promise<ProviderResponse> =>
      next
        ? callWithKey(next.held, key => withKeys(withKey(carrying, next, key), others), judged, mayRepeat)
        : send(carrying);
    const answer = await withKeys(asked, shown);
    calls.usage.settle();
    return answer;
  }

  /** What is told to a server whose request has no answer. */
  function failure(error: Error, { host }: HostPort): Refusal {
    if (error instanceof Refusal) return error;
    const why = (error as NodeJS.ErrnoException).code ?? error.name;
    say(`a request to ${host} failed: ${why}`);
    return new Refusal(502, `${host} cannot be reached (${why})`);
  }

  async function answer(request: IncomingMessage, response: ServerResponse, target: HostPort): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const asked = { request, target, body: await readUpTo(bodyAtMost, request), signal: gone.signal };
    const { status, headers, message, body } = await ask(asked);
    response.writeHead(status, message.statusMessage, endToEnd(headers, !Buffer.isBuffer(body)));
    if (Buffer.isBuffer(body)) response.end(body);
    else body.on('error', () => response.destroy()).pipe(response);
  }

  async function switchProtocol(
    request: IncomingMessage,
    socket: Duplex,
    early: Buffer,
    target: HostPort,
  ): Promise<void> {
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const { upgrade } = request.headers;
    const asked = { request, target, body: Buffer.alloc(0), upgrade, signal: gone.signal };
    const { status, headers, message, body, switched } = await ask(asked);
    const kept = endToEnd(headers, !Buffer.isBuffer(body));
    if (switched) kept.push('Connection', 'Upgrade', 'Upgrade', message.headers.upgrade ?? '');
    else kept.push('Connection', 'close');
    const lines = kept.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${kept[index + 1]}`]));
    socket.write([`HTTP/1.1 ${status} ${message.statusMessage}`, ...lines, '', ''].join('\r\n'));
    if (!switched) {
      if (Buffer.isBuffer(body)) socket.end(body);
      else body.pipe(socket);
      return;
    }
    socket.write(switched.head);
    switched.socket.write(early);
    const { socket: far } = switched;
    far
      .on('error', () => {})
      .on('close', () => socket.destroy())
      .pipe(socket);
    socket.on('close', () => far.destroy()).pipe(far);
  }

  return {
    answer(request, response, target) {
      answer(request, response, target).catch((error: Error) => {
        if (response.headersSent || response.destroyed) response.destroy();
        else refuse(response, failure(error, target));
      });
    },
    switchProtocol(request, socket, early, target) {
      socket.on('error', () => {});
      switchProtocol(request, socket, early, target).catch((error: Error) => {
        const { status, message } = failure(error, target);
        socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n\r\n${refusalText(message)}`);
      });
    },
  };
}

/** Why a request is not sent on. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    why: string,
  ) {
    super(why);
  }
}

const refusalText = (why: string) => `keyturn run --broker: ${why}\n`;

export function refuse(response: ServerResponse, { status, message }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'x-keyturn-broker': 'refused' });
  response.end(refusalText(message));
}

/** What is longer comes back as a stream, from its beginning. */
async function readUpTo(most: number, message: IncomingMessage): Promise<Buffer | Readable> {
  const chunks: AsyncIterator<Buffer> = message[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let length = 0;
  while (length <= most) {
    const { done, value } = await chunks.next();
    if (done) return Buffer.concat(read);
    read.push(value);
    length += value.length;
  }
  return Readable.from(
    (async function* () {
      yield* read;
      yield* { [Symbol.asyncIterator]: () => chunks };
    })(),
  );
}

/** The connection of a 401 is needed again, and its text only if nothing better comes. Others say in JSON if they reject the key. */
async function readRejection(
  status: number,
  message: IncomingMessage,
  inSuccess: boolean,
): Promise<Buffer | Readable> {
  if (status === 401) return wholeOf(message);
  const isJson = /json/i.test(message.headers['content-type'] ?? '');
  const mayTell = mayTellRejection(status) || (inSuccess && status < 300);
  return isJson && mayTell ? readUpTo(rejectionAtMost, message) : message;
}

function readable(value: unknown): ReadableAnswer | undefined {
  const { status, message, body } = value as ProviderResponse;
  if (!Buffer.isBuffer(body)) return undefined;
  return { status, json: async () => JSON.parse(unpacked(message, body).toString()) };
}

/** @throws where it is packed in a way that is not known here, or is too long */
function unpacked({ headers }: IncomingMessage, body: Buffer): Buffer {
  const most = { maxOutputLength: 16 * rejectionAtMost };
  switch (headers['content-encoding'] ?? 'identity') {
    case 'gzip':
      return gunzipSync(body, most);
    case 'deflate':
      return inflateSync(body, most);
    case 'br':
      return brotliDecompressSync(body, most);
    default:
      return body;
  }
}

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += (chunk as Buffer).length;
    if (length <= rejectionAtMost) chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
