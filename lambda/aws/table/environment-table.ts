import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings } from '../runtime/client-settings';
import { createTable } from './table';

export const environmentTable = createTable(
  new DynamoDBClient(clientSettings),
  process.env.KEYTURN_ENVIRONMENT!,
);
