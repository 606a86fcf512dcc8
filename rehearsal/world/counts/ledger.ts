// Counts what happens in a world, from outside: by what providers accept and what labels say, never by what the product
// reports of itself.

import type { Secret } from '@keyturn/aws-model/secrets-manager/secret';
import type { AwsEvent } from '@keyturn/aws-model/shared/aws-event';
import type { CallRecord } from '@keyturn/aws-model/wire/calls';
import type { StoryEvent } from '../../../bin/report/lives';
import { connectorFor } from '../../../connectors/index';
import { type KeyAddress, parseSecretName, shortName } from '../../../core/key/key-address';
import { isEnded } from '../../../core/rotation/secret-store';
import type { FakeKey } from '../../providers/fake-account';
import type { RecordedCall } from '../../providers/fake-provider';
import type { PlayedLane } from '../../report/story';
import type { InvocationOutcome } from '../function-sandbox';
import { needed } from '../needed';
import type { World } from '../world';
import { keySecrets, labelledValues, valueAt } from './stored-values';

interface Attempt {
  /** Absent where AWS rotates the key by itself. */
  awsCalls?: number;
  failures: number;
  succeeded: boolean;
}

/** What is known of one key while the world runs. */
interface Watch {
  current?: string;
  previous?: string;
  promotions: Date[];
  /** Version -> the key that it holds or held, oldest first, and what its provider knows of that key. */
  held: Map<string, { keyId: string; createdAt: Date; atProvider?: FakeKey }>;
  /** Key -> when its last label went. */
  endedAt: Map<string, Date>;
  /** Keys whose place was taken out of turn. */
  replaced: Set<string>;
  /** Since when AWSCURRENT is not accepted. */
  deadSince?: Date;
}

const hasEnded = ({ labels }: Secret) => isEnded({ versions: labels });

/** A token: nobody has to end it. */
const endsByItself = ({ details }: FakeKey) => details.expiresAt instanceof Date;

const newWatch = (): Watch => ({ promotions: [], held: new Map(), endedAt: new Map(), replaced: new Set() });

export class Ledger {
  readonly events: StoryEvent[] = [];
  retired = 0;
  /** Provider that swaps keys -> longest time in which a key's AWSCURRENT was not accepted. Milliseconds. */
  readonly rollWindowMs: Record<string, number> = {};
  /** The same at all other providers, where there was such a time. */
  readonly currentDeadMs: Record<string, number> = {};
  private world!: World;
  private readonly attempts = new Map<string, Attempt>();
  private readonly rotatedByAws = new Map<string, number>();
  /** Function -> the rotation that it works on. */
  private readonly working = new Map<string, Attempt>();
  private readonly watches = new Map<string, Watch>();
  /** Provider and id of a key -> the secret that holds or held it. */
  private readonly holders = new Map<string, string>();

  /**
   * @param onEvent told of everything worth a line
   * @param onChanging told of a key that is about to change
   */
  constructor(
    private readonly onEvent: (event: StoryEvent) => void,
    private readonly onChanging: (key: KeyAddress) => void,
  ) {}

  observe(world: World): void {
    this.world = world;
    for (const { name, arn } of keySecrets(world.model)) {
      this.watches.set(arn, newWatch());
      const { provider } = parseSecretName(name);
      // Named also where it comes out as 0: it was looked for.
      if (connectorFor(provider).kind === 'roll') this.rollWindowMs[provider] = 0;
    }
  }

  /** Secrets that a later deploy has made are looked at like those that were there first. */
  observeNew(): void {
    for (const { arn } of keySecrets(this.world.model))
      if (!this.watches.has(arn)) this.watches.set(arn, newWatch());
  }

  /** @param key `prod/sendgrid/support-bot`, where it is about one key */
  tell = (kind: StoryEvent['kind'], text: string, key?: string): void => {
    const event = { at: this.world.clock.now(), kind, text, ...(key && { key }) };
    this.events.push(event);
    this.onEvent(event);
  };

  aroundInvocation = async (
    functionName: string,
    event: unknown,
    invoke: () => Promise<InvocationOutcome>,
  ): Promise<InvocationOutcome> => {
    const { Step, SecretId = '', ClientRequestToken } = (event ?? {}) as Record<string, string | undefined>;
    if (!this.watches.has(SecretId)) return invoke();
    const key = `${SecretId} ${ClientRequestToken}`;
    if (Step === 'createSecret' && !this.attempts.has(key)) {
      this.attempts.set(key, { awsCalls: 0, failures: 0, succeeded: false });
    }
    // A set-up test runs testSecret alone, and rotates nothing.
    const attempt = this.attempts.get(key);
    if (!attempt) return invoke();
    this.working.set(functionName, attempt);
    const address = parseSecretName(this.world.model.secretsManager.secret(SecretId).name);
    this.onChanging(address);
    const outcome = await invoke();
    this.working.delete(functionName);
    const name = shortName(address);
    if (!outcome.ok) {
      attempt.failures++;
      this.tell('failed', `${name}: ${Step} failed: ${outcome.error.errorMessage}`, name);
    } else if (Step === 'finishSecret') {
      attempt.succeeded = true;
      if (attempt.failures)
        this.tell(
          'recovered',
          `${name}: rotated after ${attempt.failures} failed ${attempt.failures === 1 ? 'try' : 'tries'}`,
          name,
        );
    }
    return outcome;
  };

  /** Rotations that AWS carries out by itself: no function of Keyturn's is told of them. */
  onAwsEvent = ({ detail }: AwsEvent): void => {
    const { eventName, additionalEventData, errorMessage } = detail as Record<string, unknown>;
    const SecretId = String((additionalEventData as { SecretId?: string } | undefined)?.SecretId);
    if (!this.watches.has(SecretId)) return;
    const secret = this.world.model.secretsManager.find(SecretId);
    if (!secret?.rotation.external) return;
    const key = `${SecretId} ${this.rotatedByAws.get(SecretId) ?? 0}`;
    const attempt = this.attempts.get(key) ?? { failures: 0, succeeded: false };
    const name = shortName(parseSecretName(secret.name));
    if (eventName === 'RotationStarted') this.attempts.set(key, attempt);
    if (eventName === 'RotationFailed') {
      attempt.failures++;
      this.tell('failed', `${name}: AWS could not rotate it: ${errorMessage}`, name);
    }
    if (eventName === 'RotationSucceeded') {
      attempt.succeeded = true;
      this.rotatedByAws.set(SecretId, (this.rotatedByAws.get(SecretId) ?? 0) + 1);
    }
  };

  onAwsCall = (record: CallRecord): void => {
    const attempt = this.working.get(record.caller.sessionName ?? '');
    if (attempt?.awsCalls !== undefined) attempt.awsCalls++;
    const { service, operation, resource } = record;
    if (service === 'secretsmanager' && resource && !/^(Get|Describe|List)/.test(operation))
      this.look(resource, attempt ? 'rotated' : 'replaced');
  };

  /** What the provider makes or ends is looked at where it is stored: by any other secret it was not changed. */
  onProviderAnswer = ({ kind, provider, keyId }: RecordedCall): void => {
    if (kind === 'use') return;
    const holder = this.holders.get(`${provider} ${keyId}`);
    if (holder) this.look(holder, 'rotated');
    // A key that takes another one's place ends that one, which the answer does not name.
    else if (provider in this.rollWindowMs)
      for (const { arn, name } of this.deployed())
        if (parseSecretName(name).provider === provider) this.look(arn, 'rotated');
  };

  /** The secrets that were there when the world began, and still are: what others create beside them counts for nothing. */
  private deployed(): Secret[] {
    return this.world.model.secretsManager.secrets().filter(({ arn }) => this.watches.has(arn));
  }

  /** After anything that can change which key is current, or which keys a provider accepts. */
  private look(arn: string, how: 'rotated' | 'replaced'): void {
    // Answers can come while the world is still being put together.
    if (!this.world || !this.watches.has(arn)) return;
    const secret = this.world.model.secretsManager.find(arn);
    if (secret) this.lookAt(secret, how);
  }

  private watchOf({ arn }: Secret): Watch {
    return needed(this.watches.get(arn), `a watch on ${arn}`);
  }

  private lookAt(secret: Secret, how: 'rotated' | 'replaced'): void {
    const watch = this.watchOf(secret);
    const address = parseSecretName(secret.name);
    const key = shortName(address);
    this.noteHeld(secret, watch, address.provider);
    const current = valueAt(secret, 'AWSCURRENT');
    const previous = valueAt(secret, 'AWSPREVIOUS');
    if (current && current.keyId !== watch.current) {
      watch.promotions.push(this.world.clock.now());
      const act = how === 'rotated' ? 'rotated' : 'replaced ahead of schedule';
      if (watch.current && how === 'replaced') watch.replaced.add(watch.current);
      this.tell(
        watch.current ? how : 'issued',
        `${key}: ${watch.current ? act : 'first key'}, now ${current.keyId}`,
        key,
      );
    }
    if (watch.previous && !previous) {
      this.retired++;
      watch.endedAt.set(watch.previous, this.world.clock.now());
      this.tell('retired', `${key}: old key ${watch.previous} revoked and rejected`, key);
    }
    watch.current = current?.keyId;
    watch.previous = previous?.keyId;
    this.timeDeath(address.provider, watch, current?.secret);
  }

  /** Before Secrets Manager and the provider forget it. */
  private noteHeld(secret: Secret, { held }: Watch, provider: string): void {
    const account = this.world.providers.account(provider);
    for (const { versionId, value } of labelledValues(secret)) {
      const createdAt = secret.versions[versionId]?.createdAt;
      if (!value || !createdAt || held.has(versionId)) continue;
      this.holders.set(`${provider} ${value.keyId}`, secret.arn);
      held.set(versionId, { keyId: value.keyId, createdAt, atProvider: account.ownerOf(value.secret) });
    }
  }

  private timeDeath(provider: string, watch: Watch, secret: string | undefined): void {
    const account = this.world.providers.account(provider);
    const key = account.ownerOf(secret);
    const now = this.world.clock.now();
    // Self-issued keys live by their labels: no provider can reject them.
    if (!key || account.accepts(key)) {
      if (watch.deadSince) {
        const deadMs = provider in this.rollWindowMs ? this.rollWindowMs : this.currentDeadMs;
        deadMs[provider] = Math.max(deadMs[provider] ?? 0, now.getTime() - watch.deadSince.getTime());
      }
      watch.deadSince = undefined;
    } else {
      watch.deadSince ??= key.deadFrom ?? now;
    }
  }

  rotations(): { started: number; succeeded: number; failed: number; recovered: number } {
    const all = [...this.attempts.values()];
    const failed = all.filter(({ failures }) => failures > 0);
    return {
      started: all.length,
      succeeded: all.filter(({ succeeded }) => succeeded).length,
      failed: failed.length,
      recovered: failed.filter(({ succeeded }) => succeeded).length,
    };
  }

  /** Median over rotations that went through at once. */
  awsCallsPerRotation(): number {
    const counts = [...this.attempts.values()]
      .filter(({ succeeded, failures }) => succeeded && !failures)
      .flatMap(({ awsCalls }) => awsCalls ?? []);
    return counts.sort((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
  }

  /**
   * Live keys at providers that no labelled version holds. Where a place always holds a key (Auth0, Okta), the end of the last one
   * leaves a key there that nobody knows: it is none of these.
   */
  orphans(): string[] {
    const providerOf = ({ name }: Secret) => parseSecretName(name).provider;
    const values = this.deployed().flatMap(one =>
      labelledValues(one).map(({ value }) => ({ provider: providerOf(one), secret: value?.secret })),
    );
    const held = new Set(
      values.map(({ provider, secret }) => this.world.providers.account(provider).ownerOf(secret)),
    );
    // A person who enters one may leave out its last line end.
    const entered = new Set(values.map(({ secret }) => secret?.trim()));
    const [ended, used] = [this.deployed().filter(hasEnded), this.deployed().filter(one => !hasEnded(one))];
    const providers = new Set([
      ...used.map(providerOf),
      ...ended.map(providerOf).filter(provider => connectorFor(provider).kind === 'issue'),
    ]);
    return [...providers].flatMap(provider =>
      this.world.providers
        .liveKeys(provider)
        .filter(key => !held.has(key) && !entered.has(key.secret.trim()) && !endsByItself(key))
        .map(key => `${provider} ${key.id}`),
    );
  }

  lanes(): PlayedLane[] {
    return this.deployed().map(secret => {
      const team = secret.tags['keyturn:team'];
      return {
        key: shortName(parseSecretName(secret.name)),
        ...(team && { team }),
        lives: this.livesOf(secret),
        promotions: this.watchOf(secret).promotions,
      };
    });
  }

  private livesOf(secret: Secret): PlayedLane['lives'] {
    const { held, endedAt, replaced, current } = this.watchOf(secret);
    return [...held.values()].map(({ keyId, createdAt, atProvider }) => {
      const from = atProvider?.createdAt ?? createdAt;
      const at = atProvider ? atProvider.deadFrom : endedAt.get(keyId);
      const how = replaced.has(keyId) || keyId === current ? 'revoked' : 'retired';
      return { keyId, from, ...(at && { ended: { at, how } }) };
    });
  }
}
