// Holds the client's messages back, in their order, while it is not known whether the server's keys still work.
import { pipeline, type Readable, Transform } from 'node:stream';

/** @param wait `undefined` where a message may pass at once */
export function createGate(input: Readable, wait: () => Promise<unknown> | undefined): Readable {
  const gate = new Transform({
    transform(chunk, _encoding, pass) {
      const held = wait();
      if (!held) pass(null, chunk);
      else void held.then(() => pass(null, chunk));
    },
  });
  // Whatever ends the input ends the gate; the host asks no more of it.
  pipeline(input, gate, () => {});
  return gate;
}
