// A file of its own, since it is loaded only where a key with a name is made or looked for: other rotations do without.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../core/provider';
import type { Attempts } from '../../../core/rotation/attempts';
import type { Events } from '../notify/events';
import { clientSettings } from '../runtime/client-settings';
import { createAttempts } from './attempts';
import { createTable } from './table';

export function openAttempts(environment: string, clock: Clock, tell: Events['publishUnproven']): Attempts {
  return createAttempts(createTable(new DynamoDBClient(clientSettings), environment), clock, tell);
}
