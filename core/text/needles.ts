// The forms of secrets, found all at once in one pass over the text: the automaton of Aho and Corasick. Each letter costs a
// fixed number of steps on average, however many secrets there are and whatever the text is.

export interface Needles {
  readonly root: number;
  /** How long the longest is, in letters; 0 where there are none. */
  readonly longest: number;
  /** The byte as it is compared; `undefined` for one that is passed over. */
  fold(byte: number): number | undefined;
  /** @returns the longest beginning of a needle that ends with this letter */
  step(node: number, letter: number): number;
  /** The length of the longest needle that ends here, or 0. */
  endedAt(node: number): number;
  /** The length of the longest beginning here that further letters can make a needle, or 0. */
  openAt(node: number): number;
}

/** Anything shorter is no secret, and would be found in ordinary words. */
const shortest = 8;

interface TrieNode {
  depth: number;
  parent: number;
  letter: number;
  hasNext: boolean;
  /** The longest other beginning of a needle that this one ends with. */
  fallback: number;
  ended: number;
  open: number;
}

export function createNeedles(secrets: Iterable<string>): Needles {
  const root: TrieNode = { depth: 0, parent: 0, letter: 0, hasNext: true, fallback: 0, ended: 0, open: 0 };
  const nodes = [root];
  const at = (index: number) => nodes[index] ?? root;
  const edges = new Map<number, number>();
  const edge = (index: number, letter: number) => index * 256 + letter;
  let longest = 0;

  function add(needle: number[]): void {
    if (needle.length < shortest) return;
    let index = 0;
    for (const letter of needle) {
      const parent = index;
      index = edges.get(edge(parent, letter)) ?? nodes.length;
      if (index < nodes.length) continue;
      edges.set(edge(parent, letter), index);
      nodes.push({ ...root, depth: at(parent).depth + 1, parent, letter, hasNext: false });
      at(parent).hasNext = true;
    }
    at(index).ended = needle.length;
    longest = Math.max(longest, needle.length);
  }

  function step(index: number, letter: number): number {
    for (let from = index; ; from = at(from).fallback) {
      const next = edges.get(edge(from, letter));
      if (next !== undefined || from === 0) return next ?? 0;
    }
  }

  for (const secret of new Set(secrets)) for (const form of formsOf(secret)) add(form);
  // Shorter ones first: the fallbacks of longer ones lead over them.
  for (const node of nodes.slice(1).sort((one, other) => one.depth - other.depth)) {
    if (node.depth > 1) node.fallback = step(at(node.parent).fallback, node.letter);
    node.ended = Math.max(node.ended, at(node.fallback).ended);
    node.open = node.hasNext ? node.depth : at(node.fallback).open;
  }
  return {
    root: 0,
    longest,
    fold,
    step,
    endedAt: index => at(index).ended,
    openAt: index => at(index).open,
  };
}

/** Blanks and control characters do not count, nor do cases, nor which alphabet of base64 it is. */
function fold(byte: number): number | undefined {
  if (byte <= 0x20 || byte === 0x7f) return undefined;
  if (byte >= 0x41 && byte <= 0x5a) return byte + 0x20;
  if (byte === 0x2d) return 0x2b;
  return byte === 0x5f ? 0x2f : byte;
}

function formsOf(secret: string): number[][] {
  const texts = partsOf(secret).flatMap(part => {
    const bytes = Buffer.from(part);
    const hexadecimal = bytes.toString('hex');
    const pairs = hexadecimal.match(/../g) ?? [];
    return [
      part,
      // As forms write a blank.
      part.replaceAll(' ', '+'),
      hexadecimal,
      pairs.join(':'),
      pairs.map(pair => `0x${pair}`).join(','),
      bytes.join(','),
      ...[0, 1, 2].map(offset => base64Of(bytes, offset)),
    ];
  });
  return [...new Set(texts)].map(text => [...Buffer.from(text)].flatMap(byte => fold(byte) ?? []));
}

/** A private key is told line by line; the lines around it are the same for all. */
function partsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]/).filter(Boolean);
  return lines.length > 1 ? lines.filter(line => !line.startsWith('-----')) : [secret];
}

/** @param offset how many bytes stand before it in a longer text: what holds bits of others is cut off */
function base64Of(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const isPart = (offset + bytes.length) % 3 > 0;
  return text.slice(offset ? offset + 1 : 0, isPart ? -1 : undefined);
}
