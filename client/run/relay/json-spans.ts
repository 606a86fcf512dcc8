// Finds values inside JSON text without decoding it, so that a relayed message keeps every byte that does not have to change:
// unknown fields, the order of members, and numbers that JavaScript would round.

/** A value's place in its line: from `start` up to, not including, `end`. */
export interface Span {
  start: number;
  end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;

class NotJson extends Error {}

/** The one value on a line, without the white space around it; `undefined` where there is none. */
export function valueOn(line: Buffer): Span | undefined {
  return unlessBroken(() => {
    const start = skipSpace(line, 0);
    const end = skipValue(line, start);
    if (skipSpace(line, end) !== line.length) throw new NotJson();
    return { start, end };
  });
}

/** The members of an object, by name; `undefined` where the value is no object. Of a repeated name the last counts. */
export function membersOf(line: Buffer, object: Span | undefined): Map<string, Span> | undefined {
  if (!object || line[object.start] !== openBrace) return undefined;
  return unlessBroken(() => {
    const members = new Map<string, Span>();
    let at = skipSpace(line, object.start + 1);
    while (line[at] !== closeBrace) {
      const nameEnd = skipString(line, at);
      const name = nameAt(line, at, nameEnd);
      at = skipSpace(line, nameEnd);
      if (line[at] !== colon) throw new NotJson();
      const start = skipSpace(line, at + 1);
      const end = skipValue(line, start);
      members.set(name, { start, end });
      at = nextItem(line, end, closeBrace);
    }
    return members;
  });
}

function nameAt(line: Buffer, from: number, to: number): string {
  const name = line.toString('utf8', from + 1, to - 1);
  // Names are rarely written with escapes.
  return name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name;
}

/** The elements of an array; `undefined` where the value is no array. */
export function elementsOf(line: Buffer, array: Span): Span[] | undefined {
  if (line[array.start] !== openBracket) return undefined;
  return unlessBroken(() => {
    const elements: Span[] = [];
    let at = skipSpace(line, array.start + 1);
    while (line[at] !== closeBracket) {
      const end = skipValue(line, at);
      elements.push({ start: at, end });
      at = nextItem(line, end, closeBracket);
    }
    return elements;
  });
}

/** The value at a path of member names; `undefined` where any of them is absent. */
export function valueAt(line: Buffer, from: Span | undefined, ...path: string[]): Span | undefined {
  return path.reduce<Span | undefined>((at, name) => membersOf(line, at)?.get(name), from);
}

export function textOf(line: Buffer, span: Span): string {
  return line.toString('utf8', span.start, span.end);
}

/** A string's value; `undefined` where the value is no string. */
export function stringOf(line: Buffer, span: Span | undefined): string | undefined {
  return span && line[span.start] === quote ? (decode(line, span) as string | undefined) : undefined;
}

/** A value, decoded; `undefined` where its inside is no JSON. */
export function decode(line: Buffer, span: Span): unknown {
  return unlessBroken(() => JSON.parse(textOf(line, span)));
}

/** The line with other text in some places; every byte around them stays. */
export function replaceIn(line: Buffer, changes: { at: Span; by: string }[]): Buffer {
  const parts: Buffer[] = [];
  let done = 0;
  for (const { at, by } of [...changes].sort((a, b) => a.at.start - b.at.start)) {
    parts.push(line.subarray(done, at.start), Buffer.from(by));
    done = at.end;
  }
  return Buffer.concat([...parts, line.subarray(done)]);
}

function nextItem(line: Buffer, end: number, close: number): number {
  const at = skipSpace(line, end);
  if (line[at] === close) return at;
  if (line[at] !== comma) throw new NotJson();
  const next = skipSpace(line, at + 1);
  if (line[next] === close) throw new NotJson();
  return next;
}

function skipSpace(line: Buffer, from: number): number {
  let at = from;
  while (line[at] === 0x20 || line[at] === 0x09 || line[at] === 0x0a || line[at] === 0x0d) at++;
  return at;
}

function skipString(line: Buffer, from: number): number {
  if (line[from] !== quote) throw new NotJson();
  // indexOf runs natively: a large base64 string costs next to nothing.
  for (let at = line.indexOf(quote, from + 1); at >= 0; at = line.indexOf(quote, at + 1)) {
    let before = at;
    while (line[before - 1] === backslash) before--;
    if ((at - before) % 2 === 0) return at + 1;
  }
  throw new NotJson();
}

function skipValue(line: Buffer, from: number): number {
  const first = line[from];
  if (first === quote) return skipString(line, from);
  if (first === openBrace || first === openBracket) return skipNested(line, from);
  let at = from;
  while (at < line.length && !isEnd(line[at])) at++;
  if (at === from) throw new NotJson();
  return at;
}

function skipNested(line: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < line.length; ) {
    const byte = line[at];
    if (byte === quote) {
      at = skipString(line, at);
      continue;
    }
    if (byte === openBrace || byte === openBracket) depth++;
    if (byte === closeBrace || byte === closeBracket) depth--;
    at++;
    if (depth === 0) return at;
  }
  throw new NotJson();
}

function isEnd(byte: number | undefined): boolean {
  return (
    byte === undefined ||
    byte <= 0x20 ||
    byte === comma ||
    byte === closeBrace ||
    byte === closeBracket ||
    byte === colon ||
    byte === quote
  );
}

function unlessBroken<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotJson || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
