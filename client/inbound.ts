// Keys that clients show to this server: what carries AWSCURRENT or AWSPREVIOUS is accepted, so moving a label ends a key.
import { createHash, timingSafeEqual } from 'node:crypto';
import { checksumHolds } from '../core/key/generated-secret';
import type { KeyAddress } from '../core/key/key-address';
import { holderOf, type StagingLabel } from '../core/rotation/secret-store';
import { minuteMs } from '../core/time';
import type { SecretReader } from './keys/secrets/secret-reader';

/** A key that was shown and is accepted. */
export interface InboundKey {
  keyId: string;
  /** True for the old one of two: its client has not moved to the new key yet. */
  isSuperseded: boolean;
}

export interface InboundKeys {
  /** `undefined` for whatever is not accepted. */
  accept(presented: string): Promise<InboundKey | undefined>;
}

interface AcceptedKey extends InboundKey {
  versionId: string;
  hash: Buffer;
}

export interface InboundParts {
  reader: SecretReader;
  address: KeyAddress;
  staleMs: number;
  onStale(): void;
  now(): number;
}

/** How long a key may be accepted after its label was taken away. */
const freshMs = minuteMs;
/** Between looks for a new key while unknown ones are shown. */
const patienceMs = 5_000;
const stages: StagingLabel[] = ['AWSCURRENT', 'AWSPREVIOUS'];

export function createInboundKeys({ reader, address, staleMs, onStale, now }: InboundParts): InboundKeys {
  let accepted: AcceptedKey[] = [];
  let checkedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  function read(): Promise<void> {
    triedAt = now();
    reading ??= readLabels().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readLabels(): Promise<void> {
    const { versions } = await reader.describe(address);
    const found: (AcceptedKey | undefined)[] = [];
    for (const stage of stages) {
      const versionId = holderOf({ versions }, stage);
      const known = accepted.find(key => key.versionId === versionId);
      const key = known ?? (versionId ? await readKey(stage) : undefined);
      found.push(key && { ...key, isSuperseded: stage === 'AWSPREVIOUS' });
    }
    accepted = found.filter(key => key !== undefined);
    checkedAt = now();
  }

  async function readKey(stage: StagingLabel): Promise<AcceptedKey | undefined> {
    const held = await (stage === 'AWSCURRENT' ? reader.readCurrent(address) : reader.read(address, stage));
    if (!held) return undefined;
    const { secret, keyId } = held.value;
    return { versionId: held.versionId, keyId, hash: hashOf(secret), isSuperseded: false };
  }

  async function readIfDue(): Promise<void> {
    const age = now() - checkedAt;
    if (age < freshMs) return;
    if (now() - triedAt >= patienceMs || age === Number.POSITIVE_INFINITY) {
      const error = await read().then(
        () => undefined,
        (reason: Error) => reason,
      );
      if (!error) return;
      if (age >= staleMs) throw error;
    }
    onStale();
  }

  function find(presented: string): InboundKey | undefined {
    const hash = hashOf(presented);
    // Every key is compared, each in constant time: how long it takes tells nothing.
    const [match] = accepted.filter(key => timingSafeEqual(key.hash, hash));
    return match && { keyId: match.keyId, isSuperseded: match.isSuperseded };
  }

  return {
    async accept(presented) {
      // Whatever Keyturn did not make, or was cut or mistyped, costs neither a comparison nor a call.
      if (!checksumHolds(presented)) return undefined;
      await readIfDue();
      const match = find(presented);
      if (match || now() - triedAt < patienceMs) return match;
      // It may be younger than what is known here.
      await read().catch(() => {});
      return find(presented);
    },
  };
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
