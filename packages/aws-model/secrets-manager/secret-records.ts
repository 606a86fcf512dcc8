// Where the service keeps its secrets: found by name, full ARN or partial ARN; read as they are, or as a lagging replica has them.

import type { Random, Virtual } from '../clock/virtual';
import { arnIn } from '../shared/arn';
import { alphanumerics } from '../shared/identifiers';
import type { Secret } from './secret';
import { markedForDeletion, secretNotFound } from './secret-errors';

/** With this chance, a read sees the secret as it was `lagMs` ago. */
export interface Staleness {
  lagMs: number;
  chance: number;
}

export interface SecretRecords {
  all(): Secret[];
  find(secretId: string): Secret | undefined;
  /** As it is now. @throws {AwsError} ResourceNotFoundException */
  get(secretId: string): Secret;
  /** As it is now, and not about to be deleted. */
  getLive(secretId: string): Secret;
  /** As a read sees it: perhaps with a lag. */
  read(secretId: string): Secret;
  /** As a listing sees it: always with the lag of listings; `undefined` where it did not exist then. */
  listed(secret: Secret): Secret | undefined;
  arnFor(secretId: string): string;
  newArn(name: string): string;
  put(secret: Secret): Secret;
  change(arn: string, changes: Partial<Secret>): Secret;
  /** A read's trace: not a change that could lag. */
  touch(arn: string, changes: Partial<Secret>): void;
  remove(arn: string): void;
}

interface Kept {
  now: Secret;
  /** What it was until then, oldest first; `undefined` before it existed. Kept for as long as a reader may lag. */
  past: { until: number; secret: Secret | undefined }[];
}

export function createSecretRecords(parts: {
  virtual: Virtual;
  random: Random;
  account: string;
  region: string;
  staleness: Staleness;
  listLagMs: number;
}): SecretRecords {
  const { virtual, random, staleness } = parts;
  const kept = new Map<string, Kept>();
  const arnPrefix = arnIn(parts, 'secretsmanager', 'secret:');
  const longestLagMs = Math.max(staleness.lagMs, parts.listLagMs);

  function asOf({ now, past }: Kept, lagMs: number): Secret | undefined {
    const instant = virtual.now().getTime() - lagMs;
    const then = past.find(({ until }) => until > instant);
    return then ? then.secret : now;
  }

  function locate(secretId: string): Kept | undefined {
    const exact = kept.get(secretId);
    if (exact) return exact;
    const isArn = secretId.startsWith(arnPrefix);
    // What ends like an ARN's suffix is taken for a whole ARN, whatever the secret is called.
    if (isArn && /-[A-Za-z0-9]{6}$/.test(secretId)) return undefined;
    const name = isArn ? secretId.slice(arnPrefix.length) : secretId;
    return [...kept.values()].find(({ now }) => now.name === name);
  }

  function store(secret: Secret): Secret {
    const at = virtual.now().getTime();
    const before = kept.get(secret.arn);
    const past = [...(before?.past ?? []), { until: at, secret: before?.now }];
    kept.set(secret.arn, { now: secret, past: past.filter(({ until }) => until > at - longestLagMs) });
    return secret;
  }

  function need(secretId: string): Kept {
    const record = locate(secretId);
    if (!record) throw secretNotFound();
    return record;
  }

  const get = (secretId: string) => need(secretId).now;
  return {
    all: () => [...kept.values()].map(({ now }) => now),
    find: secretId => locate(secretId)?.now,
    get,
    getLive(secretId) {
      const secret = get(secretId);
      if (secret.deletedAt) throw markedForDeletion();
      return secret;
    },
    read(secretId) {
      const record = need(secretId);
      const lags = staleness.chance > 0 && random() < staleness.chance;
      const secret = asOf(record, lags ? staleness.lagMs : 0);
      if (!secret) throw secretNotFound();
      return secret;
    },
    listed: secret => asOf(need(secret.arn), parts.listLagMs),
    // A secret that does not exist is authorised under what the caller passed.
    arnFor: secretId =>
      locate(secretId)?.now.arn ?? (secretId.startsWith('arn:') ? secretId : arnPrefix + secretId),
    newArn: name => `${arnPrefix}${name}-${alphanumerics(random, 6)}`,
    put: store,
    change: (arn, changes) => store({ ...get(arn), changedAt: virtual.now(), ...changes }),
    touch(arn, changes) {
      const record = need(arn);
      kept.set(arn, { ...record, now: { ...record.now, ...changes } });
    },
    remove: arn => void kept.delete(arn),
  };
}
