// One secret and its provider in memory, for rules over ports: labels move as in the rehearsal's model of AWS, and every
// call to the store or the provider passes one gate, where a test can stop it, lose its answer or let others run.

import { type Labels, labelNewValue, moveLabel } from '@keyturn/aws-model/secrets-manager/labels';
import { KeyturnError } from '../../../core/errors';
import type { EmergencyStore } from '../../../core/incident/emergency-store';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Clock, EndedBy, ListedKey, Provider } from '../../../core/provider';
import type { SecretState } from '../../../core/rotation/secret-store';

export type Kind = 'issue' | 'exclusive' | 'install' | 'roll' | 'self-issued';
export const kinds: Kind[] = ['issue', 'exclusive', 'install', 'roll', 'self-issued'];

export type Gate = (call: string) => Promise<'after' | undefined>;

const endedBy: Record<Kind, EndedBy> = {
  issue: 'call',
  exclusive: 'call',
  install: 'call',
  roll: 'replacement',
  'self-issued': 'label',
};

interface StoredKey {
  id: string;
  secret: string;
  name?: string;
  createdAt: Date;
}

export class World {
  nowMs = Date.parse('2026-11-23T03:00:00Z');
  labels: Labels = {};
  readonly versions = new Map<string, { createdAt: Date; value?: SecretValue | 'unissued' }>();
  /** What the provider accepts. */
  keys: StoredKey[] = [];
  readonly everAlive = new Set<string>();
  readonly arn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:keyturn/prod/acme/bot/main-AbCdEf';
  readonly announced: string[] = [];
  calls = 0;
  /** Returning `after` carries the call out and loses its answer; throwing stops it before. */
  gate: Gate = async () => undefined;
  down = false;
  private made = 0;

  constructor(readonly kind: Kind) {}

  readonly clock: Clock = {
    now: () => new Date(this.nowMs),
    sleep: async ms => {
      await this.pass('clock.sleep', async () => {});
      this.nowMs += ms;
    },
  };

  get state(): SecretState {
    return {
      arn: this.arn,
      address: { environment: 'prod', provider: 'acme', server: 'bot', purpose: 'main' },
      spec: { team: 'a', tier: 'high', scopes: [], settings: {}, overlapHours: 24, maxGapDays: 31 },
      versions: this.labels,
      createdAt: new Date('2026-01-01T00:00:00Z'),
    };
  }

  holder(label: string): string | undefined {
    return Object.keys(this.labels).find(id => this.labels[id]!.includes(label));
  }

  keyOf(label: string): string | undefined {
    const value = this.versions.get(this.holder(label) ?? '')?.value;
    return value && value !== 'unissued' ? value.keyId : undefined;
  }

  get live(): string[] {
    return this.keys.map(key => key.id);
  }

  /** A key that a person or an earlier life put there: alive at the provider, stored under labels. */
  seed(versionId: string, stages: string[] | undefined): void {
    const value = this.newKey(undefined);
    if (this.kind !== 'self-issued') this.accept(value);
    this.storeValue(versionId, value, stages);
    this.nowMs += 3_600_000;
  }

  /** As RotateSecret does: an empty version that is pending. */
  beginRotation(token: string): void {
    if (this.versions.has(token)) return;
    this.versions.set(token, { createdAt: this.clock.now() });
    this.labels = moveLabel(this.labels, 'AWSPENDING', {
      ...(this.holder('AWSPENDING') && { from: this.holder('AWSPENDING')! }),
      to: token,
    });
  }

  readonly store: EmergencyStore = {
    describe: () => this.pass('describe', async () => this.state),
    read: (_, stage) => this.pass(`read ${stage}`, async () => this.stored(this.holder(stage))),
    readVersion: (_, id) => this.pass('readVersion', async () => this.stored(id)),
    putPending: (_, id, value) =>
      this.pass('putPending', async () => this.storeValue(id, value, ['AWSPENDING'])),
    putCurrent: (_, id, value) => this.pass('putCurrent', async () => this.storeValue(id, value, undefined)),
    putStaged: (_, id, value) =>
      this.pass('putStaged', async () => this.storeValue(id, value, ['KEYTURN-NEXT'])),
    moveLabel: (_, label, move) =>
      this.pass(`moveLabel ${label}`, async () => {
        this.labels = moveLabel(this.labels, label, move);
      }),
  };

  provider(): Provider {
    const { kind } = this;
    const madeByKeyturn = kind === 'install' || kind === 'roll' || kind === 'self-issued';
    return {
      id: 'acme',
      kind: madeByKeyturn ? 'install' : 'issue',
      endedBy: endedBy[kind],
      exclusive: kind === 'exclusive' || kind === 'install',
      nameMaxLength: 100,
      propagation: { createMs: 0, revokeMs: 0 },
      make: name =>
        this.ask('make', madeByKeyturn ? 'local' : 'remote', async () => {
          const value = this.newKey(name);
          if (!madeByKeyturn) this.accept(value, name);
          return value;
        }),
      install: value =>
        this.ask('install', kind === 'install' || kind === 'roll' ? 'remote' : 'local', async () => {
          if ((kind !== 'install' && kind !== 'roll') || this.live.includes(value.keyId)) return;
          if (kind === 'roll') this.keys = [];
          this.accept(value);
        }),
      list: () =>
        this.ask('list', kind === 'roll' || kind === 'self-issued' ? 'local' : 'remote', async () => {
          if (kind === 'roll' || kind === 'self-issued') return [];
          return this.keys.map(
            (key): ListedKey => ({
              id: key.id,
              createdAt: key.createdAt,
              ...(kind === 'issue' && key.name && { name: key.name }),
            }),
          );
        }),
      revoke: id =>
        this.ask('revoke', endedBy[kind] === 'call' ? 'remote' : 'local', async () => {
          if (endedBy[kind] === 'call') this.keys = this.keys.filter(key => key.id !== id);
        }),
      verify: value =>
        this.pass('verify', async () => {
          if (kind === 'self-issued') return this.selfAccepts(value.keyId) ? 'accepted' : 'rejected';
          if (this.down) return 'unknown';
          return this.keys.some(key => key.secret === value.secret) ? 'accepted' : 'rejected';
        }),
    };
  }

  /** A server of one's own accepts any well-formed key that it has been given; here, every one. */
  private selfAccepts(_keyId: string): boolean {
    return true;
  }

  private ask<T>(name: string, where: 'local' | 'remote', run: () => Promise<T>): Promise<T> {
    if (where === 'local') return run();
    return this.pass(name, async () => {
      if (this.down) throw new KeyturnError('provider-down', 'acme answered 503; wait until it is back');
      return run();
    });
  }

  private async pass<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.calls++;
    const what = await this.gate(name);
    this.nowMs += 50;
    const result = await run();
    if (what === 'after') throw new KeyturnError('no-answer', `the answer to ${name} was lost; run again`);
    return result;
  }

  private newKey(name: string | undefined): SecretValue {
    const n = ++this.made;
    const issuedAt = this.clock.now().toISOString();
    return {
      secret: `FAKESECRET-${n}`,
      keyId: `key-${n}`,
      provider: 'acme',
      issuedAt,
      ...(name && { name }),
    };
  }

  private accept(value: SecretValue, name?: string): void {
    if ((this.kind === 'exclusive' || this.kind === 'install') && this.keys.length >= 2) {
      throw new KeyturnError('refused', 'acme holds two keys already; revoke one');
    }
    this.everAlive.add(value.keyId);
    this.keys.push({
      id: value.keyId,
      secret: value.secret,
      createdAt: this.clock.now(),
      ...(name && { name }),
    });
  }

  private storeValue(id: string, value: SecretValue, stages: string[] | undefined): 'stored' | 'taken' {
    const existing = this.versions.get(id);
    if (existing?.value) {
      return JSON.stringify(existing.value) === JSON.stringify(value) ? 'stored' : 'taken';
    }
    this.labels = labelNewValue(this.labels, id, stages);
    this.versions.set(id, { createdAt: existing?.createdAt ?? this.clock.now(), value });
    return 'stored';
  }

  private stored(id: string | undefined) {
    const version = id === undefined ? undefined : this.versions.get(id);
    if (!version?.value) return undefined;
    const value = version.value === 'unissued' ? undefined : version.value;
    return { versionId: id!, createdAt: version.createdAt, value };
  }
}
