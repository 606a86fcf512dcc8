// Where the service keeps its secrets: found by name, full ARN or partial ARN; read as they are, or as one that lags has them.

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

export interface Replication {
  /** From a change to its copies in other regions. Milliseconds. */
  lagMs: number;
  /** Since when nothing more comes to a region. @default - all arrives */
  stoppedSince?(region: string): Date | undefined;
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
  /** The copy in another region, with its ARN there; `undefined` where there is none (yet). */
  replica(secretId: string, region: string): Secret | undefined;
  isInSync(secret: Secret, region: string): boolean;
  arnFor(secretId: string): string;
  newArn(name: string): string;
  put(secret: Secret): Secret;
  change(arn: string, changes: Partial<Secret>): Secret;
  /** A read's trace: not a change that could lag. */
  touch(arn: string, changes: Partial<Secret>): void;
  remove(arn: string): void;
}

interface VersionedSecret {
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
  replication: Replication;
}): SecretRecords {
  const { virtual, random, staleness, replication } = parts;
  const kept = new Map<string, VersionedSecret>();
  const arnPrefix = arnIn(parts, 'secretsmanager', 'secret:');
  const longestLagMs = Math.max(staleness.lagMs, parts.listLagMs);

  const isReplicated = ({ replicas = [] }: Secret, region: string) =>
    replicas.some(each => each.region === region);
  const ago = (lagMs: number) => virtual.now().getTime() - lagMs;

  function asOf({ now, past }: VersionedSecret, instant: number): Secret | undefined {
    const then = past.find(({ until }) => until > instant);
    return then ? then.secret : now;
  }

  /** When what a region has now was true here. */
  function copiedAt(region: string): number {
    const stopped = replication.stoppedSince?.(region)?.getTime() ?? Number.POSITIVE_INFINITY;
    return Math.min(ago(replication.lagMs), stopped);
  }

  function locate(secretId: string): VersionedSecret | undefined {
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
    // A copy may stay behind for any time.
    const isRead = ({ until }: { until: number }) => secret.replicas?.length || until > at - longestLagMs;
    kept.set(secret.arn, { now: secret, past: past.filter(isRead) });
    return secret;
  }

  function need(secretId: string): VersionedSecret {
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
      const secret = asOf(record, ago(lags ? staleness.lagMs : 0));
      if (!secret) throw secretNotFound();
      return secret;
    },
    listed: secret => asOf(need(secret.arn), ago(parts.listLagMs)),
    replica(secretId, region) {
      const home = secretId.replace(`:${region}:`, `:${parts.region}:`);
      const record = locate(home);
      const replica = record?.now.replicas?.find(each => each.region === region);
      const copied = replica && record && asOf(record, copiedAt(region));
      if (!copied || !isReplicated(copied, region)) return undefined;
      const { kmsKeyId } = replica;
      return {
        ...copied,
        arn: copied.arn.replace(`:${parts.region}:`, `:${region}:`),
        kmsKeyId,
        versions: Object.fromEntries(
          Object.entries(copied.versions).map(([id, version]) => [id, { ...version, kmsKeyId }]),
        ),
        rotation: { enabled: false },
      };
    },
    isInSync(secret, region) {
      const record = need(secret.arn);
      const copied = asOf(record, copiedAt(region));
      if (!copied || !isReplicated(copied, region)) return false;
      return copied.versions === record.now.versions && copied.labels === record.now.labels;
    },
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
