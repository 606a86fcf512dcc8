// One secret and its provider in memory, for rules over ports: labels move as in the rehearsal's model of AWS, and every
// call to the store or the provider passes one gate, where a test can stop it, lose its answer or let others run.

import { type Labels, labelNewValue, moveLabel } from '@keyturn/aws-model/secrets-manager/labels';
import type { Certificates, CertifiedKey, Look } from '../../../core/ending/certificate';
import type { KeyTools } from '../../../core/ending/ending';
import { KeyturnError } from '../../../core/errors';
import type { SecretValue } from '../../../core/key/secret-value';
import type { Clock, HandMadeProvider, ListedKey, MakingProvider, Provider } from '../../../core/provider';
import { endedLabel, type SecretState, type SecretStore } from '../../../core/rotation/secret-store';
import { hourMs } from '../../../core/time';
import { withMarks } from '../../../lambda/aws/table/marks';
import type { Table } from '../../../lambda/aws/table/table';
import { createKeptAttempts } from './attempts';

export type Kind = Provider['kind'];
/** Those that make keys. */
export const kinds: MakingProvider['kind'][] = ['issue', 'exclusive', 'install', 'roll', 'self-issued'];
/** Those whose keys only a person makes. */
export const handMadeKinds: HandMadeProvider['kind'][] = ['revoke-only', 'manual'];

/** Sees every call before it is carried out. */
export type CallGate = (call: string) => Promise<'after' | undefined>;

interface StoredKey {
  id: string;
  secret: string;
  name?: string;
  createdAt: Date;
}

export class World {
  nowMs = Date.parse('2026-11-23T03:00:00Z');
  labels: Labels = {};
  /** Versions that containments have marked in the table. */
  readonly marks = new Set<string>();
  readonly versions = new Map<string, { createdAt: Date; value?: SecretValue | 'unissued' | 'ended' }>();
  /** What the provider accepts. */
  keys: StoredKey[] = [];
  readonly everAlive = new Set<string>();
  readonly arn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:keyturn/prod/acme/bot/main-AbCdEf';
  readonly announced: string[] = [];
  /** Every call, in turn. */
  readonly made: string[] = [];
  /** Returning `after` carries the call out and loses its answer; throwing stops it before. */
  gate: CallGate = async () => undefined;
  down = false;
  /** How far AWS's clock is ahead of the one of the functions, and whether its dates are whole seconds. */
  awsClock = { aheadMs: 0, wholeSeconds: false };
  private count = 0;

  constructor(readonly kind: Kind) {}

  readonly clock: Clock = {
    now: () => new Date(this.nowMs),
    sleep: async ms => {
      await this.pass('clock.sleep', async () => {});
      this.nowMs += ms;
    },
  };

  /** What AWS dates a version by. */
  private get awsNow(): Date {
    const ms = this.nowMs + this.awsClock.aheadMs;
    return new Date(this.awsClock.wholeSeconds ? Math.floor(ms / 1000) * 1000 : ms);
  }

  get state(): SecretState {
    return {
      arn: this.arn,
      address: { environment: 'prod', provider: 'acme', server: 'bot', purpose: 'main' },
      spec: { team: 'a', tier: 'high', scopes: [], settings: {}, overlapHours: 24, maxGapDays: 31 },
      versions: this.labels,
      createdAt: new Date('2026-01-01T00:00:00Z'),
    };
  }

  get calls(): number {
    return this.made.length;
  }

  callsOf(...names: string[]): string[] {
    return this.made.filter(name => names.includes(name));
  }

  get tools(): KeyTools {
    const { secrets: store, attempts, certificates, clock } = this;
    return { store, provider: this.provider(), attempts, certificates, clock };
  }

  /** In the order in which they were written. */
  readonly certified: (CertifiedKey & { look: Look })[] = [];

  readonly certificates: Certificates = {
    add: (key, look) => this.pass('certify', async () => void this.certified.push({ ...key, look })),
  };

  /** The next such call is carried out, and its answer gets lost. */
  loseAnswerTo(call: string): void {
    this.gate = async name => {
      if (name !== call) return undefined;
      this.gate = async () => undefined;
      return 'after';
    };
  }

  holder(label: string): string | undefined {
    return Object.keys(this.labels).find(id => this.labels[id]!.includes(label));
  }

  keyOf(label: string): string | undefined {
    const value = this.versions.get(this.holder(label) ?? '')?.value;
    return typeof value === 'object' ? value.keyId : undefined;
  }

  get live(): string[] {
    return this.keys.map(key => key.id);
  }

  valueOf(versionId: string): SecretValue {
    const value = this.versions.get(versionId)?.value;
    if (typeof value !== 'object') throw new Error(`${versionId} holds no key`);
    return value;
  }

  /** As the template leaves it: no key yet. */
  storeUnissued(versionId: string): void {
    this.versions.set(versionId, { createdAt: this.awsNow, value: 'unissued' });
    this.labels = { [versionId]: ['AWSCURRENT'] };
  }

  /** A key at the provider that nobody stored. @returns its id */
  addKey(more: { name?: string; createdAt?: Date }): string {
    const id = `foreign-${++this.count}`;
    this.keys.push({ id, secret: `FAKESECRET-${id}`, createdAt: this.clock.now(), ...more });
    return id;
  }

  /** A key that a person or an earlier life put there: alive at the provider, stored under labels. */
  seed(versionId: string, stages: string[] | undefined): void {
    const value = this.newKey(undefined);
    if (this.kind !== 'self-issued') this.accept(value);
    this.storeValue(versionId, value, stages);
    this.nowMs += hourMs;
  }

  /** As RotateSecret does: an empty version that is pending. */
  beginRotation(token: string): void {
    if (this.versions.has(token)) return;
    this.versions.set(token, { createdAt: this.awsNow });
    this.labels = moveLabel(this.labels, 'AWSPENDING', {
      ...(this.holder('AWSPENDING') && { from: this.holder('AWSPENDING')! }),
      to: token,
    });
  }

  /** As rotations and the hourly retirement see it: they know no marks. */
  readonly secrets: SecretStore = {
    describe: () => this.pass('describe', async () => this.state),
    read: (_, label) => this.pass(`read ${label}`, async () => this.stored(this.holder(label))),
    readVersion: (_, id) => this.pass('readVersion', async () => this.stored(id)),
    put: async (_, id, value, label, first) => {
      await first?.();
      return this.pass(`put ${label}`, async () =>
        this.storeValue(id, value, label === 'AWSCURRENT' ? undefined : [label]),
      );
    },
    end: (_, id) =>
      this.pass('end', async () => {
        if (this.versions.has(id)) return;
        this.labels = labelNewValue(this.labels, id, ['AWSCURRENT', endedLabel]);
        this.versions.set(id, { createdAt: this.awsNow, value: 'ended' });
      }),
    moveLabel: (_, label, move) =>
      this.pass(`moveLabel ${label}`, async () => {
        this.labels = moveLabel(this.labels, label, move);
      }),
  };

  private readonly table: Pick<Table, 'get' | 'change'> = {
    get: () => this.pass('read marks', async () => ({ marks: { SS: [...this.marks] } })),
    change: (_, { add = {}, takeOut = {} }) =>
      this.pass(add.marks ? 'mark' : 'unmark', async () => {
        for (const id of [add.marks ?? []].flat()) this.marks.add(String(id));
        for (const id of takeOut.marks ?? []) this.marks.delete(id);
        return true;
      }),
  };

  /** As containments see it. */
  readonly store = withMarks(this.secrets, this.table);

  readonly attempts = createKeptAttempts((name, run) => this.pass(name, run));

  provider(): Provider {
    const { kind } = this;
    const common = {
      id: 'acme',
      propagation: { createMs: 0, revokeMs: 0 },
      verify: (value: SecretValue) => this.pass('verify', async () => this.verdictOn(value)),
    };
    const makes = {
      nameMaxLength: 100,
      make: (name: string, now: Date) =>
        this.ask('make', async () => {
          const value = this.newKey(name, now);
          this.accept(value, name);
          return value;
        }),
    };
    const byHand = {
      steps: { make: 'press Create in the console of acme', end: 'press Delete in the console of acme' },
      expiry: async () => undefined,
    };
    const generates = { nameMaxLength: 100, make: async (name: string, now: Date) => this.newKey(name, now) };
    const takes = {
      install: (value: SecretValue) => this.ask('install', async () => this.takeIn(value)),
    };
    const keeps = {
      list: () => this.ask('list', async () => this.keys.map(key => this.listed(key))),
      revoke: (id: string) =>
        this.ask('revoke', async () => {
          this.keys = this.keys.filter(key => key.id !== id);
        }),
    };
    switch (kind) {
      case 'issue':
      case 'exclusive':
        return { ...common, kind, ...makes, ...keeps };
      case 'install':
        return { ...common, kind, ...generates, ...takes, ...keeps };
      case 'roll':
        return { ...common, kind, ...generates, ...takes };
      case 'self-issued':
        return { ...common, kind, ...generates };
      case 'revoke-only':
        return { ...common, kind, ...byHand, ...keeps };
      case 'manual':
        return { ...common, kind, ...byHand };
    }
  }

  private listed({ id, createdAt, name }: StoredKey): ListedKey {
    return { id, createdAt, ...(this.kind === 'issue' && name && { name }) };
  }

  private takeIn(value: SecretValue): void {
    if (this.live.includes(value.keyId)) return;
    if (this.kind === 'roll') this.keys = [];
    this.accept(value);
  }

  /** A server of one's own accepts every well-formed key that it has been given. */
  private verdictOn({ secret }: SecretValue): 'accepted' | 'rejected' | 'unknown' {
    if (this.kind === 'self-issued') return 'accepted';
    if (this.down) return 'unknown';
    return this.keys.some(key => key.secret === secret) ? 'accepted' : 'rejected';
  }

  private ask<T>(name: string, run: () => Promise<T>): Promise<T> {
    return this.pass(name, async () => {
      if (this.down) throw new KeyturnError('provider-down', 'acme answered 503; wait until it is back');
      return run();
    });
  }

  private async pass<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.made.push(name);
    const what = await this.gate(name);
    this.nowMs += 50;
    const result = await run();
    if (what === 'after') throw new KeyturnError('no-answer', `the answer to ${name} was lost; run again`);
    return result;
  }

  private newKey(name: string | undefined, now = this.clock.now()): SecretValue {
    const n = ++this.count;
    const issuedAt = now.toISOString();
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
    this.versions.set(id, { createdAt: existing?.createdAt ?? this.awsNow, value });
    return 'stored';
  }

  private stored(id: string | undefined) {
    const version = id === undefined ? undefined : this.versions.get(id);
    if (!version?.value) return undefined;
    const value = typeof version.value === 'object' ? version.value : undefined;
    return { versionId: id!, createdAt: version.createdAt, value };
  }
}
