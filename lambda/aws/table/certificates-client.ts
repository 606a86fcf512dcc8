// What lazy-certificates.ts loads: with the client of DynamoDB, which most runs of a function never need.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../../core/provider';
import { clientSettings } from '../runtime/client-settings';
import { createCertificates } from './certificates';
import { createTable } from './table';

export function openCertificates(environment: string, clock: Clock) {
  return createCertificates(createTable(new DynamoDBClient(clientSettings), environment), clock);
}
