import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable } from './table';

export const environmentTable = createTable(new DynamoDBClient({}), process.env.KEYTURN_ENVIRONMENT!);
