// What a server writes to its standard error, on its way to that of `keyturn run`: without the keys that it was given.
import type { Readable, Writable } from 'node:stream';
import type { Redaction } from '../../../core/text/redaction';

export interface ErrorPipe {
  /** Writes what was held back, and reads no more. */
  end(): void;
}

/** A prompt that could be the beginning of a key is shown after this time. */
const idleMs = 200;

export function passOnErrors(from: Readable, to: Writable, redaction: Redaction): ErrorPipe {
  const redacted = redaction.stream();
  let idle: NodeJS.Timeout | undefined;
  let nobodyReads = false;

  function write(bytes: Uint8Array): void {
    // Held back like any other writer, as if there were one pipe.
    if (bytes.length && !nobodyReads && !to.write(bytes)) from.pause();
  }

  const goOn = () => void from.resume();
  const giveUp = () => {
    nobodyReads = true;
    goOn();
  };
  to.on('drain', goOn);
  to.on('error', giveUp);
  from.on('data', (chunk: Buffer) => {
    clearTimeout(idle);
    write(redacted.take(chunk));
    idle = setTimeout(() => write(redacted.idle()), idleMs);
  });
  return {
    end() {
      clearTimeout(idle);
      write(redacted.end());
      to.off('drain', goOn);
      to.off('error', giveUp);
      from.destroy();
    },
  };
}
