// One provider's key in a world of its own: deployed, issued, rotated and retired as AWS and an administrator would, with
// a gate in front of every call that Keyturn's functions make.
import { createHash } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import {
  CancelRotateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { holderOf } from '@keyturn/aws-model/secrets-manager/labels';
import { hasIssuer } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import { markLabel } from '../../core/incident/marks';
import { isReplacement } from '../../core/incident/replacement/replacement-version';
import { issuerSecretName, secretName } from '../../core/key/key-address';
import { droppedLabel } from '../../core/rotation/secret-store';
import { hourMs, minuteMs } from '../../core/time';
import { functionName } from '../../lib/config/aws/names';
import type { Environment, Key } from '../../lib/config/config';
import { labelledValues, valueAt } from '../../rehearsal/world/counts/stored-values';
import { createWorld, type World } from '../../rehearsal/world/world';
import { Books } from './books';
import { Gate, type Target } from './gate';
import { markedVersions } from './marked';
import { Orders } from './orders';
import { environmentOf, overlapHours } from './sample-app';

/** No rotation of the schedule may begin while one is explored. */
const undisturbedMs = 24 * hourMs;

export interface Conditions {
  /** Directory of the cloud assembly. */
  directory: string;
  environment: Environment;
  seed: number;
  /** Clocks of hosts differ from AWS's by up to so much, either way, and AWS tells whole seconds. @default 0 */
  skewSeconds?: number;
}

export class Deployment {
  readonly books: Books;
  readonly orders: Orders;
  readonly rotateFunction: Target;
  readonly retireFunction: Target;
  readonly emergencyFunction: Target;

  private constructor(
    readonly provider: string,
    private readonly key: Key,
    readonly world: World,
    readonly gate: Gate,
    private readonly admin: SecretsManagerClient,
    private readonly lambda: LambdaClient,
    lookers: { books?: Books },
  ) {
    const { environment } = key.address;
    const target = (name: string, minutes: number): Target => ({ name, timeOutMs: minutes * minuteMs });
    this.rotateFunction = target(functionName(environment, `rotate-${provider}`), 5);
    this.retireFunction = target(functionName(environment, 'retire'), 15);
    this.emergencyFunction = target(functionName(environment, 'emergency-revoke'), 15);
    const { kind } = connectorFor(provider);
    this.books = new Books(world, { provider, secretArn: this.secret.arn, kind });
    lookers.books = this.books;
    this.orders = new Orders(world, key.address, lambda, this.books, this.emergencyFunction.name);
    gate.meanwhile = {
      'contained meanwhile': () => this.orders.carryOut(),
      'rotated meanwhile': () => this.rotateInside(),
    };
  }

  static async open(conditions: Conditions, provider: string): Promise<Deployment> {
    const environment = environmentOf(conditions.environment, provider);
    const gate = new Gate();
    const lookers: { books?: Books } = {};
    const world = await createWorld({
      assemblyDirectory: conditions.directory,
      environment,
      start: new Date('2027-01-01T00:00:00Z'),
      seed: conditions.seed,
      knobs: { wholeSecondDates: conditions.skewSeconds !== undefined },
      aheadMs: host => aheadMs(host, conditions),
      interceptAws: gate.interceptAws,
      interceptProvider: gate.interceptProvider,
      aroundInvocation: gate.aroundInvocation,
      onAwsCall: call => lookers.books?.onAwsCall(call),
      onProviderAnswer: call => lookers.books?.onProviderAnswer(call),
    });
    gate.observe(world);
    const settings = world.clientSettings(environment.admins[0]!, 'administrator');
    const deployment = new Deployment(
      provider,
      environment.servers[0]!.keys[0]!,
      world,
      gate,
      new SecretsManagerClient(settings),
      new LambdaClient(settings),
      lookers,
    );
    await deployment.setIssuer();
    return deployment;
  }

  async close(): Promise<void> {
    this.admin.destroy();
    this.lambda.destroy();
    await this.world.close();
  }

  get now(): Date {
    return this.world.clock.now();
  }

  get secret() {
    return this.world.model.secretsManager.secret(secretName(this.key.address));
  }

  get account() {
    return this.world.providers.account(this.provider);
  }

  valueAt(label: string) {
    return valueAt(this.secret, label);
  }

  /** By some label. */
  isHeld(secret: string): boolean {
    return labelledValues(this.secret).some(({ value }) => value?.secret === secret);
  }

  isRevoked(versionId: string): boolean {
    const held = labelledValues(this.secret).find(version => version.versionId === versionId);
    return this.account.ownerOf(held?.value?.secret)?.revokedAt !== undefined;
  }

  holder(label: string): string | undefined {
    return holderOf(this.secret.labels, label);
  }

  get isPending(): boolean {
    const pending = this.holder('AWSPENDING');
    return pending !== undefined && pending !== this.holder('AWSCURRENT');
  }

  /** What should be gone in the end: all but AWSCURRENT, and AWSPENDING beside it. */
  get labelsLeft(): string[] {
    const { labels } = this.secret;
    const current = this.holder('AWSCURRENT')!;
    const besides = labels[current]!.filter(label => !['AWSCURRENT', 'AWSPENDING'].includes(label));
    const others = Object.keys(labels).flatMap(id => (id === current ? [] : labels[id]!));
    return [...besides, ...others, ...markedVersions(this.world, this.key.address).map(() => markLabel)];
  }

  get isCurrentMarked(): boolean {
    return markedVersions(this.world, this.key.address).includes(this.holder('AWSCURRENT')!);
  }

  hasRotatedSince(moment: Date): boolean {
    const { lastRotatedAt } = this.secret.rotation;
    return lastRotatedAt !== undefined && lastRotatedAt >= moment;
  }

  /** By a containment, and no rotation is pending. */
  isReplacedSince(moment: Date): boolean {
    const current = this.holder('AWSCURRENT')!;
    const { createdAt } = this.secret.versions[current]!;
    return isReplacement(current) && createdAt >= moment && !this.isPending;
  }

  /** The event for the key that is current now. */
  get isTold(): boolean {
    const current = this.holder('AWSCURRENT');
    return this.world.model.eventBridge.events.some(
      event => event['detail-type'] === 'Key Rotated' && event.detail.versionId === current,
    );
  }

  get awsCalls(): number {
    return this.gate.calls.filter(({ side }) => side === 'aws').length;
  }

  async pass(ms: number): Promise<void> {
    await this.world.clock.runUntil(new Date(this.now.getTime() + ms));
  }

  /** Time passes until it is so; @returns false where it has not come to be so in time. */
  async passUntil(isSo: () => boolean, withinMs: number, stepMs = 5 * minuteMs): Promise<boolean> {
    const end = this.now.getTime() + withinMs;
    while (!isSo()) {
      if (this.now.getTime() >= end) return false;
      await this.pass(stepMs);
    }
    return true;
  }

  async rotate(): Promise<void> {
    await this.world.clock.runWhile(() =>
      this.admin.send(new RotateSecretCommand({ SecretId: this.secret.arn })),
    );
  }

  /** A rotation from its beginning to its end, while something else waits. */
  private async rotateInside(): Promise<void> {
    const began = this.now;
    await this.admin.send(new RotateSecretCommand({ SecretId: this.secret.arn }));
    for (let n = 0; n < 30 && !this.hasRotatedSince(began); n++) await this.world.clock.sleep(10_000);
  }

  async cancelRotation(): Promise<void> {
    await this.world.clock.runWhile(() =>
      this.admin.send(new CancelRotateSecretCommand({ SecretId: this.secret.arn })),
    );
  }

  /** What `keyturn rotate --unstick` does first. */
  async unstick(): Promise<void> {
    const pending = this.holder('AWSPENDING');
    if (!this.holder(droppedLabel)) await this.moveLabel(droppedLabel, { MoveToVersionId: pending });
    await this.moveLabel('AWSPENDING', { RemoveFromVersionId: pending });
  }

  /** Takes the labels from a version by which its key is found. */
  async release(versionId: string): Promise<void> {
    for (const VersionStage of this.secret.labels[versionId] ?? [])
      await this.admin.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.secret.arn,
          VersionStage,
          RemoveFromVersionId: versionId,
        }),
      );
  }

  private async moveLabel(
    VersionStage: string,
    move: { MoveToVersionId?: string; RemoveFromVersionId?: string },
  ): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({ SecretId: this.secret.arn, VersionStage, ...move });
    await this.world.clock.runWhile(() => this.admin.send(command));
  }

  /** A moment before the overlap of the last rotation is over. */
  async passUntilAlmostDue(): Promise<void> {
    const due = this.secret.rotation.lastRotatedAt!.getTime() + overlapHours * hourMs;
    await this.pass(due - 1000 - this.now.getTime());
  }

  /** A key in office and nothing beside it, no rotation near. */
  async makeReady(): Promise<void> {
    const isClean = () => !this.holder('AWSPREVIOUS') && !this.holder('AWSPENDING');
    for (;;) {
      const { nextRotationAt } = this.secret.rotation;
      const left = nextRotationAt!.getTime() - this.now.getTime();
      if (left > undisturbedMs) break;
      await this.pass(left + hourMs);
    }
    if (!(await this.passUntil(isClean, 6 * hourMs)))
      throw new Error(`${this.provider}: the key does not come to rest`);
  }

  private async setIssuer(): Promise<void> {
    await this.pass(hourMs);
    const connector = connectorFor(this.provider);
    if (!hasIssuer(connector)) return;
    const { environment } = this.key.address;
    const credential = this.world.providers.dialect(this.provider).issuer(this.key.spec.settings);
    const command = new PutSecretValueCommand({
      SecretId: issuerSecretName(environment, this.provider),
      SecretString: JSON.stringify(credential),
    });
    await this.world.clock.runWhile(() => this.admin.send(command));
  }
}

/** Evenly spread, by the seed and the host's name. */
function aheadMs(host: string, { seed, skewSeconds = 0 }: Conditions): number {
  const [byte = 0] = createHash('sha256').update(`${seed} ${host}`).digest();
  return Math.round((byte / 127.5 - 1) * skewSeconds * 1000);
}
