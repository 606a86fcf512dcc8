// Text is read as it is, with its escapes decoded, and with those decoded again: an escape in a URL may stand in JSON.

export interface Letters {
  /** The next byte, and where it stands. */
  take(byte: number, from: number, to: number): void;
  /** Where an escape begins that has not ended. */
  heldFrom(): number;
  /** What has not ended is no escape. */
  end(): void;
}

interface Letter {
  byte: number;
  from: number;
  to: number;
}

const decodings = 2;

/** @param emit gets each byte of each reading: 0 is the text as it is */
export function createLetters(
  emit: (reading: number, ...letter: [byte: number, from: number, to: number]) => void,
): Letters {
  const decoders: Decoder[] = [];
  for (let reading = decodings; reading > 0; reading--) {
    const next = decoders[0];
    decoders.unshift(
      createDecoder((byte, from, to) => {
        emit(reading, byte, from, to);
        next?.take({ byte, from, to });
      }),
    );
  }
  const [first] = decoders;
  return {
    take(byte, from, to) {
      emit(0, byte, from, to);
      first?.take({ byte, from, to });
    },
    heldFrom: () => Math.min(...decoders.map(decoder => decoder.heldFrom())),
    end: () => {
      for (const decoder of decoders) decoder.end();
    },
  };
}

interface Decoder {
  take(letter: Letter): void;
  heldFrom(): number;
  end(): void;
}

/** `%`, `\`, `&` */
const marks = [0x25, 0x5c, 0x26];

const whole =
  /^(?:%(?<url>[0-9a-f]{2})|\\u(?<json>[0-9a-f]{4})|\\u\{(?<code>[0-9a-f]{1,6})\}|\\x(?<hex>[0-9a-f]{2})|\\(?<plain>[^ux])|&#(?<number>\d{1,7});|&#x(?<hexNumber>[0-9a-f]{1,6});|&(?<name>[a-z]{2,6});)$/is;
const begun =
  /^(?:%[0-9a-f]?|\\(?:u[0-9a-f]{0,3}|u\{[0-9a-f]{0,6}|x[0-9a-f]?)?|&(?:#\d{0,7}|#x[0-9a-f]{0,6}|[a-z]{0,6}))$/i;
const entities: Record<string, string> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
  sol: '/',
  plus: '+',
};
/** What stands for a line end or the like is left out, as the thing itself is. */
const blanks = 'nrtbfv0';

function createDecoder(emit: (byte: number, from: number, to: number) => void): Decoder {
  /** An escape that has begun: some ten letters at most, so that each is looked at again some ten times at most. */
  let pending: Letter[] = [];

  function take(letter: Letter): void {
    if (!pending.length && !marks.includes(letter.byte)) {
      emit(letter.byte, letter.from, letter.to);
      return;
    }
    pending.push(letter);
    const text = String.fromCharCode(...pending.map(({ byte }) => byte));
    if (begun.test(text)) return;
    const meant = decoded(text);
    if (meant === undefined) {
      retake();
      return;
    }
    const { from } = pending[0] ?? letter;
    pending = [];
    for (const byte of meant) emit(byte, from, letter.to);
  }

  /** The first letter is just itself; those behind it may begin an escape. */
  function retake(): void {
    const [first, ...rest] = pending;
    pending = [];
    if (first) emit(first.byte, first.from, first.to);
    for (const letter of rest) take(letter);
  }

  return {
    take,
    heldFrom: () => pending[0]?.from ?? Number.POSITIVE_INFINITY,
    end() {
      while (pending.length) retake();
    },
  };
}

/** The bytes that an escape stands for. */
function decoded(text: string): Uint8Array | undefined {
  const { url, json, code, hex, plain, number, hexNumber, name } = whole.exec(text)?.groups ?? {};
  const byte = url ?? hex;
  if (byte !== undefined) return Buffer.from(byte, 'hex');
  if (plain !== undefined) return Buffer.from(blanks.includes(plain) ? '' : plain, 'latin1');
  if (name !== undefined) return textBytes(entities[name.toLowerCase()]);
  const hexadecimal = json ?? code ?? hexNumber;
  if (hexadecimal === undefined && number === undefined) return undefined;
  const point = hexadecimal === undefined ? Number(number) : Number.parseInt(hexadecimal, 16);
  return textBytes(point <= 0x10ffff ? String.fromCodePoint(point) : undefined);
}

function textBytes(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}
