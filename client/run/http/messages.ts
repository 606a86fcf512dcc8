// The JSON-RPC messages in HTTP requests and their answers. They are read on their way and never changed.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { type Message, readLine } from '../relay/message';

/** What is longer passes unread: the official SDKs take 4 MB at most. */
const readBytesAtMost = 16 * 2 ** 20;

/** A request's body, as it is to be passed on. */
export interface Body {
  open(): Readable;
  /** True where all of it is here, so that it can be sent again. */
  isWhole: boolean;
  messages: Message[];
}

/** @throws where the client goes away before its end */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (length === '0' && !encoding) return wholeBody(Buffer.alloc(0));
  if (!/\bjson\b/i.test(request.headers['content-type'] ?? ''))
    return { open: () => request, isWhole: false, messages: [] };
  const chunks: Buffer[] = [];
  let bytes = 0;
  const rest = request.iterator({ destroyOnReturn: false });
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    chunks.push(next.value);
    bytes += next.value.length;
    if (bytes > readBytesAtMost)
      return { open: () => Readable.from(all(), { objectMode: false }), isWhole: false, messages: [] };
  }

  async function* all(): AsyncGenerator<Buffer> {
    yield* chunks;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  }

  return wholeBody(Buffer.concat(chunks, bytes));
}

function wholeBody(text: Buffer): Body {
  return {
    open: () => Readable.from(text.length ? [text] : [], { objectMode: false }),
    isWhole: true,
    messages: messagesIn(text),
  };
}

export interface StreamListener {
  onMessage(message: Message): void;
  /** Where the client of a stream of MCP 2024-11-05 is to send its messages. */
  onAddress(url: string): void;
}

export function isEventStream(answer: IncomingMessage): boolean {
  return /^text\/event-stream\b/i.test(answer.headers['content-type'] ?? '');
}

/** Reads an answer while it is passed on. */
export function listenTo(answer: IncomingMessage, { onMessage, onAddress }: StreamListener): void {
  if (!isEventStream(answer)) {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= readBytesAtMost) chunks.push(chunk);
      else chunks.length = 0;
    });
    answer.on('end', () => messagesIn(Buffer.concat(chunks)).forEach(onMessage));
    return;
  }
  let isReadable = true;
  const decoder = new StringDecoder();
  const parser = createParser({
    maxBufferSize: readBytesAtMost,
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') isReadable = false;
    },
    onEvent({ event, data }) {
      if (event === 'endpoint') onAddress(data);
      else messagesIn(Buffer.from(data)).forEach(onMessage);
    },
  });
  answer.on('data', (chunk: Buffer) => {
    if (isReadable) parser.feed(decoder.write(chunk));
  });
}

function messagesIn(text: Buffer): Message[] {
  const line = readLine(text);
  if (!line) return [];
  return line.kind === 'batch' ? line.messages : [line.message];
}
