// Text that others wrote, before people read it: without secrets here, and without anything that is more than text in
// safe-text.ts. A secret is found however it is written: plain, escaped for a URL, JSON or HTML up to twice, in base64 at any
// offset, in hexadecimal or as numbers; in small letters or large; over line ends, and over the chunks of a stream.
import { createLetters } from './escapes';
import { createNeedles, type Needles } from './needles';

export interface Redaction {
  /** The text with every secret in it replaced by `[key]`. */
  redact(text: string): string;
  holds(text: string): boolean;
  /** The same for bytes that come in chunks. */
  stream(): RedactedStream;
}

/** What could still become a secret is held back. */
export interface RedactedStream {
  take(chunk: Uint8Array): Uint8Array;
  /** To be called when nothing came for a while. @returns what was held back, unless it is most likely a secret's beginning */
  idle(): Uint8Array;
  end(): Uint8Array;
}

const mark = '[key]';
/** As many letters of a secret that stand together are no coincidence. */
const tellingLetters = 8;
/** Held back at most. */
const heldBytesAtMost = 64 * 1024;

export function createRedaction(secrets: Iterable<string>): Redaction {
  const needles = createNeedles(secrets);
  const search = (text: string) => {
    const scan = createScan(needles);
    const bytes = Buffer.from(text);
    scan.take(bytes);
    scan.end();
    return { bytes, found: scan.found };
  };
  return {
    redact(text) {
      if (needles.longest === 0) return text;
      const { bytes, found } = search(text);
      if (!found.length) return text;
      const window = createWindow();
      window.add(bytes);
      return Buffer.from(window.release(bytes.length, found)).toString();
    },
    holds: text => needles.longest > 0 && search(text).found.length > 0,
    stream: () => createStream(needles),
  };
}

/** Names of fields that say whose key it is and where it belongs, of keys and of issuer credentials. Every other one is a secret. */
const toldFields = new Set([
  ...['keyId', 'provider', 'issuedAt', 'expiresAt', 'scopes', 'registrationUri', 'grantOf', 'grantedAt'],
  ...[
    'username',
    'domain',
    'host',
    'origin',
    'site',
    'clientId',
    'accessKeyId',
    'accountSid',
    'tenantId',
    'clientEmail',
    'applicationId',
  ],
]);

/** Every secret text in a key's value or an issuer credential, as their secrets hold them. */
export function secretsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, held]) => (toldFields.has(field) ? [] : secretsIn(held)));
}

/** A stretch of bytes. */
interface ByteRange {
  from: number;
  to: number;
}

/** One pass over text, which may come in chunks. */
function createScan(needles: Needles) {
  let at = 0;
  const found: ByteRange[] = [];
  const readings = [
    createReading(needles, found),
    createReading(needles, found),
    createReading(needles, found),
  ];
  const letters = createLetters((level, byte, from, to) => readings[level]?.take(byte, from, to));
  return {
    /** In the order of their ends. */
    found,
    take(chunk: Uint8Array) {
      for (const byte of chunk) letters.take(byte, at, ++at);
    },
    end: () => letters.end(),
    /** Where what may still become a secret begins, by so many letters at least. */
    heldFrom: (leastLetters: number) =>
      Math.min(
        at,
        leastLetters <= 1 ? letters.heldFrom() : at,
        ...readings.map(reading => reading.heldFrom(leastLetters)),
      ),
  };
}

/** Looks for needles in letters, each of which stands for some bytes of the text. */
function createReading(needles: Needles, found: ByteRange[]) {
  const starts = new Float64Array(needles.longest + 1);
  let node = needles.root;
  let count = 0;
  const startOf = (lettersAgo: number) => starts[(count - lettersAgo) % starts.length] ?? 0;
  return {
    take(letter: number, from: number, to: number) {
      const folded = needles.fold(letter);
      if (folded === undefined) return;
      starts[count++ % starts.length] = from;
      node = needles.step(node, folded);
      const length = needles.endedAt(node);
      if (length) found.push({ from: startOf(length), to });
    },
    heldFrom(leastLetters: number) {
      const open = needles.openAt(node);
      return open && open >= leastLetters ? startOf(open) : Number.POSITIVE_INFINITY;
    },
  };
}

/** The bytes that were not let go yet. */
function createWindow() {
  let chunks: { at: number; bytes: Uint8Array }[] = [];
  let from = 0;
  let to = 0;

  /** Copies each byte once. */
  function copy(start: number, end: number, into: Uint8Array[]): void {
    for (const { at, bytes } of chunks) {
      const part = bytes.subarray(Math.max(0, start - at), Math.max(0, end - at));
      if (part.length) into.push(part);
    }
  }

  return {
    add(bytes: Uint8Array) {
      chunks.push({ at: to, bytes });
      to += bytes.length;
    },
    size: () => to - from,
    /** Lets go of all before `until`. @param found what is replaced; what begins later is left in it */
    release(until: number, found: ByteRange[]): Uint8Array {
      const out: Uint8Array[] = [];
      const now = found.filter(span => span.from < until).sort((one, other) => one.from - other.from);
      found.splice(0, found.length, ...found.filter(span => span.from >= until));
      let hiddenTo = -1;
      for (const span of now) {
        // The rest of one whose beginning was let go is hidden, too.
        if (span.to <= from) continue;
        if (span.from > from) copy(from, span.from, out);
        if (Math.max(span.from, from) > hiddenTo) out.push(Buffer.from(mark));
        from = Math.max(from, span.to);
        hiddenTo = from;
      }
      if (until > from) copy(from, until, out);
      from = Math.max(from, until);
      chunks = chunks.filter(({ at, bytes }) => at + bytes.length > from);
      return Buffer.concat(out);
    },
    end: () => to,
  };
}

function createStream(needles: Needles): RedactedStream {
  const scan = createScan(needles);
  const window = createWindow();
  const release = (leastLetters: number) => window.release(scan.heldFrom(leastLetters), scan.found);
  return {
    take(chunk) {
      if (needles.longest === 0) return chunk;
      window.add(chunk);
      scan.take(chunk);
      const out = release(1);
      return window.size() > heldBytesAtMost ? Buffer.concat([out, release(Number.POSITIVE_INFINITY)]) : out;
    },
    idle: () => release(tellingLetters),
    end() {
      scan.end();
      return window.release(window.end(), scan.found);
    },
  };
}
