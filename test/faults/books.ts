// What must hold of one key, looked at from outside after every change: by the provider's books and the labels, never by
// what the product reports of itself. The invariants are those of the design: current works, no orphans, no secret in any
// output, and what counts as ended was seen rejected.

import type { CallRecord } from '@keyturn/aws-model/wire/calls';
import type { Denial } from '@keyturn/iam/engine';
import type { EndedKey } from '../../core/ending/ending';
import { markLabel } from '../../core/incident/marks';
import { parseSecretName } from '../../core/key/key-address';
import { parseProviderKeyName, versionTag } from '../../core/key/provider-key-name';
import type { SecretValue } from '../../core/key/secret-value';
import type { FakeKey } from '../../rehearsal/providers/fake-account';
import type { RecordedCall } from '../../rehearsal/providers/fake-provider';
import {
  type LabelledValue,
  labelledValues,
  storedValue,
  storedValues,
} from '../../rehearsal/world/counts/stored-values';
import type { World } from '../../rehearsal/world/world';
import { isCertified, markedVersions } from './marked';

export interface BooksOptions {
  provider: string;
  secretArn: string;
  /** How the provider's keys end: a roll has a window in which its current key is dead; labels end self-issued keys. */
  kind: string;
}

/** What else was written, to be searched for secrets. */
export interface Outputs {
  errors: string[];
  /** As they are kept. */
  incidents: string;
}

export class Books {
  /** What was seen to be broken since `open`. */
  broken: string[] = [];
  /** The longest time since `open` in which the current key was dead, of a roll. Milliseconds. */
  deadMs = 0;
  /** What the secret held when it was last looked at. */
  private before: LabelledValue[] = [];
  private deadSince?: Date;
  /** Ended keys, with what the provider answered to calls about them. */
  private readonly refusals: { key: FakeKey; call: RecordedCall; isListProof: boolean }[] = [];
  private searched = { denials: 0, violations: 0 };
  private readonly expected = new Set<Denial>();

  constructor(
    private readonly world: World,
    private readonly options: BooksOptions,
  ) {
    this.open();
  }

  open(): void {
    this.broken = [];
    this.deadMs = 0;
    this.deadSince = undefined;
    this.before = this.kept;
  }

  onAwsCall = ({ service, operation }: CallRecord): void => {
    const isWrite = service === 'secretsmanager' && !/^(Get|Describe|List)/.test(operation);
    if (isWrite || operation === 'UpdateItem') this.look(operation);
  };

  onProviderAnswer = (call: RecordedCall): void => {
    const { key } = call;
    const { providers } = this.world;
    // Where the provider never sees a key itself, its list speaks of all of them.
    const isListProof =
      call.kind === 'list' && providers.dialect(this.options.provider).knownBy !== undefined;
    // A key can be rejected while it is too new, too: that proves no end.
    for (const one of isListProof ? this.account.keys : key ? [key] : [])
      if (one.deadFrom && !this.account.accepts(one)) this.refusals.push({ key: one, call, isListProof });
    this.look(`${call.method} ${call.path}`);
  };

  private get account() {
    return this.world.providers.account(this.options.provider);
  }

  private get secret() {
    return this.world.model.secretsManager.secret(this.options.secretArn);
  }

  /** What a label or a mark leads to. */
  private get kept(): LabelledValue[] {
    const { secret } = this;
    const labelled = labelledValues(secret);
    const marked = markedVersions(this.world, parseSecretName(secret.name));
    if (!marked.length) return labelled;
    return [...new Set([...Object.keys(secret.labels), ...marked])].map(versionId => ({
      versionId,
      labels: [...(secret.labels[versionId] ?? []), ...(marked.includes(versionId) ? [markLabel] : [])],
      value: storedValue(secret, versionId),
    }));
  }

  private held(label: string): SecretValue | undefined {
    return labelledValues(this.secret).find(({ labels }) => labels.includes(label))?.value;
  }

  private look(after: string): void {
    const current = this.held('AWSCURRENT');
    if (current && this.options.kind !== 'self-issued') this.lookAtCurrent(current, after);
    const { before } = this;
    this.before = this.kept;
    if (this.options.kind === 'self-issued') return;
    for (const { value, labels } of before)
      if (value && !this.isHeld(value)) this.lookAtDropped(value, labels, after);
  }

  private isHeld({ secret }: SecretValue): boolean {
    return this.before.some(({ value }) => value?.secret === secret);
  }

  /** A key that servers may have had must have been seen rejected; any other ended, or is by the next roll. */
  private lookAtDropped({ keyId, secret }: SecretValue, labels: readonly string[], after: string): void {
    const wasInUse = labels.some(label => /^(AWSPREVIOUS|AWSCURRENT|KEYTURN-REVOKE(-\S+)?)$/.test(label));
    const key = this.account.ownerOf(secret);
    if (!key) return;
    if (wasInUse && !this.wasRefused(secret))
      this.note(`${after} took the last label of ${keyId}, which nobody had seen rejected`);
    else if (!key.deadFrom && this.options.kind !== 'roll')
      this.note(`${after} took the last label of ${keyId}, which lives`);
    else if (wasInUse && !isCertified(this.world, parseSecretName(this.secret.name), keyId))
      this.note(`${after} took the last label of ${keyId}, whose end nobody certified`);
  }

  private lookAtCurrent(current: SecretValue, after: string): void {
    const key = this.account.ownerOf(current.secret);
    const now = this.world.clock.now();
    const isAlive = key && this.account.accepts(key) && key.deadFrom === undefined;
    if (this.options.kind !== 'roll') {
      if (!isAlive)
        this.note(`after ${after}, AWSCURRENT held ${current.keyId}, which the provider does not accept`);
      return;
    }
    if (isAlive) {
      if (this.deadSince) this.deadMs = Math.max(this.deadMs, now.getTime() - this.deadSince.getTime());
      this.deadSince = undefined;
    } else this.deadSince ??= key?.deadFrom ?? now;
  }

  /** True while somebody accepts it. */
  isHonoured({ secret }: SecretValue): boolean {
    if (this.options.kind === 'self-issued')
      return ['AWSCURRENT', 'AWSPREVIOUS'].some(label => this.held(label)?.secret === secret);
    const key = this.account.ownerOf(secret);
    return key !== undefined && this.account.accepts(key);
  }

  /** @returns what speaks against it, where a key is said to be dead */
  disproof({ versionId, keyId, proof, at }: EndedKey & { at: string }): string | undefined {
    const value = storedValues(this.secret).find(stored => stored.value.keyId === keyId)?.value;
    if (value && this.isHonoured(value)) return `${keyId} was reported dead (${proof}) and lives`;
    switch (proof) {
      case 'rejected':
        if (!value) return `${keyId} was reported rejected, and was never stored`;
        if (!this.wasThere(value.secret, at) || this.wasRefused(value.secret)) return undefined;
        return `${keyId} was reported dead, and nobody had seen it rejected`;
      case 'unlisted': {
        const isOfVersion = (name: string) =>
          parseProviderKeyName(name)?.versionTag === versionTag(versionId);
        const left = this.account.keys.find(
          ({ name, createdAt, deadFrom }) => isOfVersion(name) && createdAt <= new Date(at) && !deadFrom,
        );
        return left && `what was made for ${versionId} was reported dead, and ${left.id} lives`;
      }
      case 'label-removed':
        return this.options.kind === 'self-issued' ? undefined : `${keyId} does not end with its label`;
    }
  }

  /** One that has not reached the provider is nobody's there, and rejected. */
  private wasThere(secret: string, at: string): boolean {
    const key = this.account.ownerOf(secret);
    return key !== undefined && key.createdAt <= new Date(at);
  }

  private wasRefused(secret: string): boolean {
    const owner = this.account.ownerOf(secret);
    return this.refusals.some(
      ({ key, call: { status }, isListProof }) =>
        key === owner && status !== 'dropped' && (isListProof ? status === 200 : status >= 400),
    );
  }

  note(text: string): void {
    if (!this.broken.includes(text)) this.broken.push(text);
  }

  /** When everything has come to rest. */
  close(outputs: Outputs): string[] {
    const current = this.held('AWSCURRENT');
    const key = this.account.ownerOf(current?.secret);
    if (this.options.kind !== 'self-issued' && !(key && this.account.accepts(key)))
      this.note(`in the end AWSCURRENT holds ${current?.keyId}, which the provider does not accept`);
    for (const id of this.orphans()) this.note(`in the end ${id} lives, and no label holds it`);
    for (const leak of this.newLeaks(outputs)) this.note(leak);
    return this.broken;
  }

  /** Live keys that no label holds. */
  orphans(): string[] {
    const kept = new Set(this.kept.map(({ value }) => this.account.ownerOf(value?.secret)));
    return this.world.providers
      .liveKeys(this.options.provider)
      .filter(key => !kept.has(key) && !this.isBeyondReach(key.secret))
      .map(({ id }) => id);
  }

  /** Registered OAuth clients are on no list: one whose secret was never stored can be found by nobody. */
  private isBeyondReach(secret: string): boolean {
    return (
      this.options.kind === 'mint' && !storedValues(this.secret).some(({ value }) => value.secret === secret)
    );
  }

  /** What the exploration itself brought about. */
  expect(denials: readonly Denial[]): void {
    for (const denial of denials) this.expected.add(denial);
  }

  private newLeaks({ errors, incidents }: Outputs): string[] {
    const { leaks, model, providers, engine } = this.world;
    for (const error of errors) leaks.look('an error', error);
    leaks.look('an incident', incidents);
    const modelled = [...model.violations.map(({ text }) => text), ...providers.violations];
    const denied = engine.denials.slice(this.searched.denials);
    const told = [
      ...leaks.takeFound(),
      ...denied.flatMap(denial => (this.expected.has(denial) ? [] : denial.message)),
      ...modelled.slice(this.searched.violations),
    ];
    this.searched = { denials: engine.denials.length, violations: modelled.length };
    return told;
  }
}
