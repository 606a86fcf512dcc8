// The books of one fake provider: which keys exist, where, since when, and whether it accepts them now.
import { createHash } from 'node:crypto';
import { groupedBy } from '../../core/grouped-by';
import { dayMs } from '../../core/time';
import type { Trust } from './federation';
import { type Disagreement, type RevokedAtReplicas, revokeAtReplicas } from './replicas';

/** As `config/keys.ts` holds them. */
export type Settings = Record<string, unknown>;

export interface FakeKey {
  id: string;
  place: string;
  name: string;
  secret: string;
  scopes: string[];
  createdAt: Date;
  lastUsedAt?: Date;
  /** False while a person or a call has switched it off and it could be switched on again. */
  active: boolean;
  revokedAt?: Date;
  liveFrom: Date;
  deadFrom?: Date;
  /** When it ends by itself. */
  expiresAt?: Date;
  /** Where the provider's servers disagree about it. */
  replicas?: RevokedAtReplicas;
  /** What else the provider keeps of it. */
  details: Record<string, unknown>;
}

/** A key to be made; where `secret` is given, the client chose it. */
export interface NewKey {
  id: string;
  place: string;
  secret: string;
  name?: string;
  scopes?: string[];
  details?: Record<string, unknown>;
}

/** What was revoked so long ago, nobody asks for any more. */
const revokedKeptMs = 100 * dayMs;

export class FakeAccount {
  readonly keys: FakeKey[] = [];
  /** Settings of every key that the configuration plans here. */
  readonly registered: Settings[] = [];
  /** Scopes that those keys are to have: whoever opened the account saw to it that it may give them. */
  readonly planned = new Set<string>();
  /** Tokens that the provider handed out, by purpose. */
  readonly tokens = new Map<string, string>();
  /** AWS roles that it accepts. */
  readonly trusts: Trust[] = [];
  /** How its servers learn of revocations. @default - all at once, after the documented delay */
  disagreement?: Disagreement;
  /** How many keys it ever had, with those that it has forgotten: for what must not come twice, such as ids that count. */
  added = 0;
  #made = 0;
  #index: { length: number; last: FakeKey | undefined; bySecret: Map<string, FakeKey[]> } = {
    length: 0,
    last: undefined,
    bySecret: new Map(),
  };

  constructor(
    readonly provider: string,
    readonly delays: { createMs: number; revokeMs: number },
    /** As providers have it where somebody measures; small otherwise, so that paging is seen. */
    public pageSize: number,
    readonly now: () => Date,
    /** Hears of every secret made or stored. */
    readonly remember: (secret: string) => void,
    private readonly placeOf: (settings: Settings) => string,
    /** Secrets that a consumer of self-issued keys accepts now. */
    readonly labelled: () => string[],
    /** What the provider knows a key by. */
    private readonly knownBy: (secret: string) => string | undefined = secret => secret,
  ) {}

  add({ id, place, secret, name = '', scopes = [], details = {} }: NewKey): FakeKey {
    const now = this.now();
    const liveFrom = new Date(now.getTime() + this.delays.createMs);
    const key = { id, place, name, secret, scopes, createdAt: now, active: true, liveFrom, details };
    this.forgetRevoked(now);
    this.keys.push(key);
    this.added++;
    this.remember(secret);
    return key;
  }

  private forgetRevoked(now: Date): void {
    const isKept = ({ revokedAt }: FakeKey) =>
      !revokedAt || now.getTime() - revokedAt.getTime() < revokedKeptMs;
    if (!this.keys.every(isKept)) this.keys.splice(0, this.keys.length, ...this.keys.filter(isKept));
  }

  /** Ends a key for good; again is nothing new. */
  revoke(key: FakeKey): void {
    if (key.revokedAt) return;
    key.revokedAt = this.now();
    this.switchOff(key);
  }

  switchOff(key: FakeKey): void {
    key.active = false;
    const deadMs = this.now().getTime() + this.delays.revokeMs;
    // Whatever would have ended it later, or has ended it sooner.
    key.deadFrom = new Date(Math.min(deadMs, key.deadFrom?.getTime() ?? deadMs));
    if (this.disagreement) key.replicas ??= revokeAtReplicas(this.disagreement, deadMs);
  }

  switchOn(key: FakeKey): void {
    key.active = true;
    key.deadFrom = undefined;
    key.replicas = undefined;
    key.liveFrom = new Date(this.now().getTime() + this.delays.createMs);
  }

  /** As the server says that is asked, where they disagree. */
  accepts(key: FakeKey): boolean {
    const now = this.now();
    if (key.replicas) return key.replicas.accepts(now.getTime());
    const isOver = (end: Date | undefined) => end !== undefined && end <= now;
    return key.liveFrom <= now && !isOver(key.deadFrom) && !isOver(key.expiresAt);
  }

  /** The accepted key with this secret, noted as used. */
  enter(secret: string | undefined): FakeKey | undefined {
    const key = this.withSecret(secret).findLast(candidate => this.accepts(candidate));
    if (key) key.lastUsedAt = this.now();
    return key;
  }

  /** Whoever's secret this is, accepted or not; where several have it, one that stays accepted. */
  ownerOf(secret: string | undefined): FakeKey | undefined {
    const keys = this.withSecret(secret);
    return keys.findLast(key => this.accepts(key) && !key.deadFrom) ?? keys.at(-1);
  }

  /** In the order of the books, which whoever plays a fault may change. */
  private withSecret(secret: string | undefined): readonly FakeKey[] {
    const { length } = this.keys;
    const last = this.keys.at(-1);
    if (this.#index.length !== length || this.#index.last !== last)
      this.#index = { length, last, bySecret: groupedBy(this.keys, key => key.secret) };
    return this.#index.bySecret.get(this.knownBy(secret ?? '') ?? '') ?? [];
  }

  hasPlace(place: string): boolean {
    return this.registered.some(settings => this.placeOf(settings) === place);
  }

  /** Keys of a place that are not revoked, oldest first. */
  present(place: string): FakeKey[] {
    return this.keys.filter(key => key.place === place && !key.revokedAt);
  }

  find(place: string, id: string | undefined): FakeKey | undefined {
    return this.present(place).find(key => key.id === id);
  }

  /** Characters that no other call gives: for ids and fake secrets. Repeatable, so that runs can be compared. */
  fresh(length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'): string {
    const seed = `${this.provider} ${++this.#made}`;
    let text = '';
    for (let block = 0; text.length < length; block++) {
      const bytes = createHash('sha256').update(`${seed} ${block}`).digest();
      for (const byte of bytes) text += alphabet[byte % alphabet.length];
    }
    return text.slice(0, length);
  }

  /** A fake secret of a given length, marked so that it is found wherever it should not be. */
  freshSecret(length: number): string {
    return `FAKESECRET${this.fresh(length - 'FAKESECRET'.length)}`;
  }
}
