// Looks for secrets where none may be, in every text as it is written, so that no text has to be kept.
//
// Each secret is known by hashes of short pieces of it; a text is hashed piece by piece in one pass, and compared where a
// hash is known. Whatever shares 16 characters with a secret, or with a common encoding of it, is found.

import { dayMs } from '../../../core/time';

/** Every fake provider marks its secrets with it. */
const marker = 'FAKESECRET';
/** A part this long is no coincidence. */
const partLength = 16;
const pieceLength = 8;
/** Every part holds a whole piece that begins at a multiple of this. */
const pieceEvery = partLength - pieceLength + 1;
/** How many texts are looked at again for a secret that was made where nobody saw it, such as in a function. */
const recentTexts = 500;

/** What has not been met for so long, and is in nobody's hands any more, is forgotten: the logs of that time are gone, too. */
const keptMs = 100 * dayMs;

const mayHoldBits = 20;
const mayHoldMask = (1 << mayHoldBits) - 1;

export interface SecretsOfWorld {
  now(): Date;
  /** Those that somebody holds now. */
  living(): Iterable<string>;
}

export class LeakSearch {
  /** A line for each place and secret, without the secret. */
  found: string[] = [];
  /** Secret -> when it was last met. Milliseconds. */
  private readonly secrets = new Map<string, number>();
  private forgotAt: number;
  /** Hash of a piece -> what holds it, and where. */
  private readonly pieces = new Map<number, { form: string; at: number }[]>();
  /** Which hashes there are, roughly: most of all pieces are of no secret. */
  private readonly mayHold = new Uint8Array(1 << mayHoldBits);
  private readonly recent: { place: string; text: string }[] = [];
  private readonly told = new Set<string>();

  constructor(private readonly world: SecretsOfWorld) {
    this.forgotAt = world.now().getTime();
  }

  /** A secret is made or met: one that is new in the world, nobody can have told before. */
  learn(secret: string): void {
    if (secret.length < partLength) return;
    const now = this.world.now().getTime();
    if (now - this.forgotAt >= keptMs) this.forgetEnded(now);
    const isNew = !this.secrets.has(secret);
    this.secrets.set(secret, now);
    if (isNew) this.index(secret);
  }

  private forgetEnded(now: number): void {
    this.forgotAt = now;
    const living = new Set(this.world.living());
    this.pieces.clear();
    this.mayHold.fill(0);
    for (const [secret, metAt] of this.secrets) {
      if (living.has(secret) || now - metAt < keptMs) this.index(secret);
      else this.secrets.delete(secret);
    }
  }

  private index(secret: string): void {
    for (const form of formsOf(secret)) {
      for (let at = 0; at + pieceLength <= form.length; at += pieceEvery) {
        const hash = hashOf(form.slice(at, at + pieceLength));
        this.mayHold[hash & mayHoldMask] = 1;
        const known = this.pieces.get(hash);
        if (known) known.push({ form, at });
        else this.pieces.set(hash, [{ form, at }]);
      }
    }
  }

  /** A secret that its maker may have told already. */
  learnLate(secret: string): void {
    if (this.secrets.has(secret)) return;
    this.learn(secret);
    for (const { place, text } of this.recent) this.note(place, text);
  }

  /** @param place where the text would be read: `the log` */
  look(place: string, text: string): void {
    this.note(place, text);
    this.recent.push({ place, text });
    if (this.recent.length >= 2 * recentTexts) this.recent.splice(0, recentTexts);
  }

  /** What was found since it was last taken. */
  takeFound(): string[] {
    const { found } = this;
    this.found = [];
    this.told.clear();
    return found;
  }

  /** Whether a text that nobody has read yet holds a part of a secret. */
  holds(text: string): boolean {
    let holds = false;
    this.search(text, () => {
      holds = true;
    });
    return holds;
  }

  private note(place: string, text: string): void {
    this.search(text, (form, length) => {
      const id = `${place} ${form}`;
      if (this.told.has(id)) return;
      this.told.add(id);
      this.found.push(`${place} holds ${length} characters of a secret`);
    });
  }

  private search(text: string, onFound: OnFound): void {
    if (text.includes(marker)) onFound(marker, marker.length);
    let hash = 0;
    for (let end = 0; end < text.length; end++) {
      const gone = end < pieceLength ? 0 : text.charCodeAt(end - pieceLength);
      hash = (Math.imul(hash, base) + text.charCodeAt(end) - Math.imul(gone, baseOfGone)) | 0;
      if (!this.mayHold[hash & mayHoldMask]) continue;
      for (const candidate of this.pieces.get(hash) ?? []) compare(text, end, candidate, onFound);
    }
  }
}

/** Told of a form of a secret, and of how many characters of it stand in a text. */
type OnFound = (form: string, length: number) => void;

function compare(
  text: string,
  end: number,
  { form, at }: { form: string; at: number },
  onFound: OnFound,
): void {
  let [from, to] = [end + 1 - pieceLength, at];
  const shift = to - from;
  if (text.slice(from, from + pieceLength) !== form.slice(at, at + pieceLength)) return;
  while (from > 0 && from + shift > 0 && text[from - 1] === form[from + shift - 1]) from--;
  to = end + 1;
  while (to < text.length && to + shift < form.length && text[to] === form[to + shift]) to++;
  if (to - from >= partLength && isTelling(text.slice(from, to))) onFound(form, to - from);
}

const base = 31;
/** What a character that leaves the piece counts by then: 31 to the power of 8, in 32 bits. */
const baseOfGone = Array.from({ length: pieceLength }).reduce<number>(power => Math.imul(power, base), 1);

function hashOf(piece: string): number {
  return [...piece].reduce((hash, letter) => (Math.imul(hash, base) + letter.charCodeAt(0)) | 0, 0);
}

/** From its middle on, since a recognisable beginning such as `SG.<id>` is none; as it is, and as others would write it. */
function formsOf(secret: string): Set<string> {
  const told = secret.slice(Math.floor((secret.length - partLength) / 2));
  const inBase64 = [0, 1, 2].flatMap(before => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(told)]);
    // The first characters and the last hold bits of what stands beside the secret.
    return (['base64', 'base64url'] as const).map(encoding =>
      bytes
        .toString(encoding)
        .replace(/=+$/, '')
        .slice(before ? before + 1 : 0, -1),
    );
  });
  const named = told.replace(/[&<>"]/g, letter => entities[letter] ?? letter);
  const bytes = [...Buffer.from(told)];
  const pairs = bytes.map(byte => byte.toString(16).padStart(2, '0'));
  const hexadecimal = pairs.join('');
  return new Set([
    ...[told, encodeURIComponent(told), JSON.stringify(told).slice(1, -1), named],
    ...[hexadecimal, hexadecimal.toUpperCase(), pairs.map(pair => `%${pair.toUpperCase()}`).join('')],
    bytes.join(','),
    ...inBase64,
  ]);
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Padding, such as a row of zeros, is found everywhere. */
function isTelling(part: string): boolean {
  return new Set(part).size >= partLength / 2;
}
