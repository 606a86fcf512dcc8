// Orders to contain the key, as `keyturn revoke` gives them, and what each must have reached in the end: whatever the
// secret held when the order was given is dead, and what is reported dead was seen to be.
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { EndedKey } from '../../core/ending/ending';
import { type Incident, incidentId } from '../../core/incident/incident';
import { type KeyAddress, secretName } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';
import type { RevokeOrder } from '../../lambda/aws/emergency/orders';
import { incidentOf } from '../../lambda/aws/table/incidents';
import { type Item, incidentKey } from '../../lambda/aws/table/table';
import { deadLetterQueueName, tableName } from '../../lib/config/aws/names';
import { labelledValues, valueAt } from '../../rehearsal/world/counts/stored-values';
import type { World } from '../../rehearsal/world/world';
import type { Books } from './books';

interface Placed {
  order: RevokeOrder;
  /** What was current when it was given, and whatever else the secret held. */
  current: SecretValue;
  held: SecretValue[];
}

export class Orders {
  private placed: Placed[] = [];
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly address: KeyAddress,
    private readonly lambda: LambdaClient,
    private readonly books: Books,
    private readonly functionName: string,
  ) {}

  /** Those before are forgotten. */
  open(): void {
    this.placed = [];
  }

  /** Hands one over. @returns whether all that were given have come to an end, to be asked again */
  async send(): Promise<() => boolean> {
    await this.hand(this.next());
    return () => this.placed.every(({ order }) => this.incident(order.incidentId)?.status === 'closed');
  }

  /** Hands over once more what came to nothing. */
  async repeat(): Promise<void> {
    for (const { order } of this.placed)
      if (this.incident(order.incidentId)?.status !== 'closed') await this.hand(order);
  }

  /** The last one lies where an alarm sees it. */
  get haveFailedLoudly(): boolean {
    const queue = deadLetterQueueName(this.address.environment, 'emergency-revoke');
    const { order } = this.placed.at(-1)!;
    return this.world.model.queues.messages(queue).some(({ body }) => body === JSON.stringify(order));
  }

  private async hand(order: RevokeOrder): Promise<void> {
    const command = new InvokeCommand({
      FunctionName: this.functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(order)),
    });
    await this.world.clock.runWhile(() => this.lambda.send(command));
  }

  /** One from its beginning to its end, while something else waits. */
  async carryOut(): Promise<void> {
    await this.world.runtime.invoke(this.functionName, this.next());
  }

  private next(): RevokeOrder {
    const order: RevokeOrder = {
      kind: 'revoke',
      incidentId: incidentId(`order ${++this.count}`, this.world.clock.now()),
      keys: [this.address],
      response: 'replace-first',
      graceSeconds: 5,
      reason: 'leaked',
      requestedBy: 'the lab',
      dryRun: false,
    };
    const secret = this.world.model.secretsManager.secret(secretName(this.address));
    const held = labelledValues(secret).flatMap(({ value }) => value ?? []);
    this.placed.push({ order, current: valueAt(secret, 'AWSCURRENT')!, held });
    return order;
  }

  private incident(id: string): Incident | undefined {
    const item = this.items([id])[0];
    return item && incidentOf(item);
  }

  private items(ids: string[]): Item[] {
    const keys = ids.map(id => incidentKey(id, this.address).sk!.S);
    const items = this.world.model.dynamoDb.items(tableName(this.address.environment)) as unknown as Item[];
    return items.filter(({ sk }) => keys.includes(sk?.S));
  }

  /** When everything has come to rest: notes in the books what was not reached. @returns the incidents as they are kept */
  close(): string {
    for (const placed of this.placed) this.look(placed);
    return JSON.stringify(this.items(this.placed.map(({ order }) => order.incidentId)));
  }

  private look({ order, current, held }: Placed): void {
    const incident = this.incident(order.incidentId);
    const note = (text: string) => this.books.note(`order ${order.incidentId}: ${text}`);
    for (const ended of this.reported(order)) {
      const problem = this.books.disproof(ended);
      if (problem) note(problem);
    }
    if (incident?.status !== 'closed') {
      note(`it is ${incident?.status ?? 'not recorded'} in the end`);
    } else if (incident.outcome === 'covered') {
      const isCovered = this.placed.some(other => other.order.incidentId === incident.coveredBy);
      if (!isCovered) note('no other order covers it');
    } else {
      if (incident.outcome !== 'contained') note(`it ended ${incident.outcome}`);
      for (const key of held) if (this.books.isHonoured(key)) note(`in the end ${key.keyId} lives`);
      const reported = this.placed.flatMap(other => this.reported(other.order));
      if (!reported.some(({ keyId }) => keyId === current.keyId))
        note(`nobody reported that ${current.keyId} is dead`);
    }
  }

  /** What is said to be rejected, and so to have ended. */
  private reported({ incidentId }: RevokeOrder): (EndedKey & { at: string })[] {
    return this.incident(incidentId)?.steps.flatMap(step => (step.what === 'rejected' ? [step] : [])) ?? [];
  }
}
