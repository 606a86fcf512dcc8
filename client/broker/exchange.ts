// One request of a server to a provider: with the key in the place of its placeholder, and held while there is another key to
// try where the provider rejects this one.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { shortName } from '../../core/key/key-address';
import { type Cached, type CallParts, callWithKey } from '../keys/calls';
import { type BrokeredKey, isAt } from './brokered-key';
import { type Carrying, mentions, withKey } from './present';
import { endToEnd, type Upstream } from './upstream';

export interface Target {
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

interface Answer {
  status: number;
  headers: readonly string[];
  message: IncomingMessage;
  /** Read already, where it is a rejection. */
  body?: Buffer;
}

export function createExchange({ keys, upstream, say, ...calls }: ExchangeParts) {
  async function exchange(request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const body = await readBody(request);
    const asked: Carrying = {
      path: request.url ?? '/',
      rawHeaders: request.rawHeaders,
      body: Buffer.isBuffer(body) ? body : undefined,
    };
    const isHere = ({ origins }: BrokeredKey) =>
      origins.some(origin => isAt(origin, target.host, target.port));
    const stray = keys.find(key => !isHere(key) && mentions(asked, key.placeholder));
    if (stray) {
      calls.usage.count(stray.address, 'authFailures');
      say(
        `the server showed its placeholder of ${shortName(stray.address)} to ${target.host}, which that key is not for; the request was refused.`,
      );
      return refuse(
        response,
        403,
        `the placeholder of ${shortName(stray.address)} is not for ${target.host}`,
      );
    }
    const carried = keys.filter(key => isHere(key) && mentions(asked, key.placeholder));
    const mayRepeat = () => Buffer.isBuffer(body) && carried.every(key => key.unauthorizedMeansNotDone);

    const send = async ({ path, rawHeaders, body: filled }: Carrying): Promise<Answer> => {
      const message = await upstream({
        ...target,
        method: request.method ?? 'GET',
        path,
        rawHeaders,
        body: filled ?? body,
        signal: gone.signal,
      });
      const answer = { status: message.statusCode ?? 502, headers: message.rawHeaders, message };
      // Its connection is needed again, and its text only if nothing better comes.
      return answer.status === 401 && carried.length ? { ...answer, body: await wholeOf(message) } : answer;
    };
    /** One key after the other: where all are in, the request goes out. */
    const withKeys = (carrying: Carrying, rest: typeof carried): Promise<Answer> => {
      const [next, ...others] = rest;
      if (!next) return send(carrying);
      return callWithKey(next.held, key => withKeys(withKey(carrying, next, key), others), calls, mayRepeat);
    };
    const answer = await withKeys(asked, carried);
    calls.usage.settle();
    response.writeHead(answer.status, answer.message.statusMessage, endToEnd(answer.headers, true));
    if (answer.body) response.end(answer.body);
    else answer.message.on('error', () => response.destroy()).pipe(response);
  }

  return (request: IncomingMessage, response: ServerResponse, target: Target): void => {
    exchange(request, response, target).catch((error: NodeJS.ErrnoException) => {
      if (response.headersSent || response.destroyed) return response.destroy();
      say(`a request to ${target.host} failed: ${error.code ?? error.name}`);
      refuse(response, 502, `${target.host} cannot be reached (${error.code ?? error.name})`);
    });
  };
}

export function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'x-keyturn-broker': 'refused' });
  response.end(`keyturn run --broker: ${why}\n`);
}

/** What is longer than it may be comes back as a stream, from its beginning. */
async function readBody(request: IncomingMessage): Promise<Buffer | Readable> {
  const chunks: AsyncIterator<Buffer> = request[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let length = 0;
  while (length <= bodyAtMost) {
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

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += (chunk as Buffer).length;
    if (length <= rejectionAtMost) chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
