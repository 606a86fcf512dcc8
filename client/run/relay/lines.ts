// Messages over stdio are lines. A line may be megabytes and come in thousands of chunks: it is put together once, at its end.
// One that is too long for memory is dropped while it arrives; only its id and method are kept.
import type { Writable } from 'node:stream';

export interface LineReader {
  take(chunk: Buffer): void;
  /** What came after the last line feed is a line too. */
  end(): void;
}

/** A line that was let go. */
export interface OversizedLine {
  bytes: number;
  /** The message's id as it was written; absent where it has none, or is a batch. */
  id?: string;
  /** True for a request or a notification, false for an answer. */
  hasMethod: boolean;
}

/** Node cannot hold text of more than 512 MB. */
export const longestLine = 128 * 1024 * 1024;

/** @param onLine gets each line that is not blank, without its line feed */
export function createLineReader(
  onLine: (line: Buffer) => void,
  onOversized: (line: OversizedLine) => void,
  limit = longestLine,
): LineReader {
  let parts: Buffer[] = [];
  let bytes = 0;
  let skimmer: Skimmer | undefined;

  function keep(part: Buffer): void {
    bytes += part.length;
    if (!skimmer && bytes > limit) {
      skimmer = createSkimmer();
      for (const earlier of parts) skimmer.take(earlier);
      parts = [];
    }
    if (skimmer) skimmer.take(part);
    else parts.push(part);
  }

  function finish(last: Buffer): void {
    if (bytes + last.length > limit) keep(last);
    const line = parts.length ? Buffer.concat([...parts, last]) : last;
    const long = skimmer && { bytes, ...skimmer.found() };
    parts = [];
    bytes = 0;
    skimmer = undefined;
    if (long) onOversized(long);
    else if (line.length && line.toString('latin1', 0, 2).trim()) onLine(line);
  }

  return {
    take(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
        finish(chunk.subarray(from, at));
        from = at + 1;
      }
      if (from < chunk.length) keep(chunk.subarray(from));
    },
    end: () => finish(Buffer.alloc(0)),
  };
}

const lineFeed = Buffer.from('\n');
/** Copying more than this into one piece takes longer than writing it in pieces. */
const joinedBytes = 256 * 1024;

/** @returns false where the caller should wait for `drain` before it writes more */
export function writeLines(to: Writable, lines: Buffer[]): boolean {
  const parts = lines.flatMap(line => [line, lineFeed]);
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  if (bytes <= joinedBytes) return to.write(Buffer.concat(parts, bytes));
  let hasRoom = true;
  to.cork();
  for (const part of parts) hasRoom = to.write(part);
  to.uncork();
  return hasRoom;
}

interface Skimmer {
  take(part: Buffer): void;
  found(): { id?: string; hasMethod: boolean };
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const stride = 1_024;
/** Real ids and names are shorter than this. */
const longestToken = 1_000;

/** Reads an object's own members that are no objects, in as little memory as they need. */
function createSkimmer(): Skimmer {
  const members = new Map<string, string>();
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let name = '';
  /** The bytes of a name or a value, as characters. */
  let token = '';

  function endMember(): void {
    members.set(name, token.trim());
    name = '';
    token = '';
  }

  function collect(byte: number): void {
    if (depth === 1 && token.length < longestToken) token += String.fromCharCode(byte);
  }

  function takeInString(byte: number): void {
    collect(byte);
    if (isEscaped) isEscaped = false;
    else if (byte === backslash) isEscaped = true;
    else if (byte === quote) isInString = false;
  }

  function takeMark(byte: number): void {
    if (byte === quote) {
      isInString = true;
      collect(byte);
    } else if (byte === openBrace || byte === openBracket) depth++;
    else {
      if (depth === 1) takeOwnMark(byte);
      if (byte === closeBrace || byte === closeBracket) depth--;
    }
  }

  function takeOwnMark(byte: number): void {
    if (byte === closeBrace || byte === closeBracket || byte === comma) endMember();
    else if (byte === colon) {
      name = token.trim();
      token = '';
    } else collect(byte);
  }

  /** Where a string may end or go on otherwise, looked for natively as far as a long text may go at a time. */
  function endOfText(part: Buffer, from: number): number {
    const ahead = part.subarray(from, from + stride);
    const ends = [ahead.indexOf(quote), ahead.indexOf(backslash)].filter(at => at >= 0);
    return from + (ends.length ? Math.min(...ends) : ahead.length - 1);
  }

  return {
    take(part) {
      for (let at = 0; at < part.length; at++) {
        // Long texts are passed over natively.
        if (isInString && depth !== 1 && !isEscaped) at = endOfText(part, at);
        const byte = part.readUInt8(at);
        if (isInString) takeInString(byte);
        else takeMark(byte);
      }
    },
    found() {
      const id = Buffer.from(members.get('"id"') ?? 'null', 'latin1').toString();
      return { ...(id !== 'null' && { id }), hasMethod: members.has('"method"') };
    },
  };
}
