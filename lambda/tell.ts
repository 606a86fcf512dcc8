// Tells people what CloudWatch and EventBridge know: alarms about Keyturn itself, and rotations that fail. It is apart from the
// functions that these are about, so that people hear of one that does not work. Its own failures go to another topic, unrendered.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openNotify } from './aws/notify/notify';
import { createTell } from './aws/notify/tell-news';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { createTable } from './aws/table/table';

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const alarmsTopic = variable('KEYTURN_ALARMS_TOPIC', process.env);
  return createTell(
    { environment, alarmsTopic },
    {
      registry: openRegistry(process.env),
      table: createTable(new DynamoDBClient(clientSettings), environment),
      notify: openNotify(process.env),
      clock: systemClock,
    },
  );
});
