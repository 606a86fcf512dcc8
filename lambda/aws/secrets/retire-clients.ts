// Whom the retire function talks to.
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Certificates } from '../../../core/ending/certificate';
import type { NamedMailboxes } from '../../../core/notices/listeners';
import type { Clock } from '../../../core/provider';
import type { Attempts } from '../../../core/rotation/attempts';
import { createLookAtReporting, type LookAtReporting } from '../cloudwatch/look-at-reporting';
import { createIsDelivered, type IsDelivered } from '../delivery/is-delivered';
import { createEvents } from '../notify/events';
import type { AskKeyState } from '../notify/key-state';
import { openNotify } from '../notify/notify';
import { createReach, type LookAtReach } from '../notify/reach';
import { openRegistry, type Registry } from '../registry/registry';
import { createTellOfUnknown, type TellOfUnknown } from '../registry/unknown-secrets';
import { clientSettings } from '../runtime/client-settings';
import { systemClock } from '../runtime/clock';
import { variable } from '../runtime/handler';
import { type NoteCountedKeys, openCountedKeys } from '../table/counted-keys';
import { createLazyAttempts } from '../table/lazy-attempts';
import { createLazyCertificates } from '../table/lazy-certificates';
import { createProblems, type Problems } from '../table/problems';
import { createTable } from '../table/table';

export interface RetireClients {
  secretsManager: SecretsManagerClient;
  registry: Registry;
  tellOfUnknown: TellOfUnknown;
  /** At the beginning of a run. */
  openCountedKeys(): Promise<NoteCountedKeys>;
  lookAtReach: LookAtReach;
  lookAtReporting: LookAtReporting;
  cloudWatch: CloudWatchClient;
  attempts: Attempts;
  certificates: Certificates;
  problems: Problems;
  isDelivered: IsDelivered;
  clock: Clock;
}

/** @param variables those of the function */
export function openRetireClients(environment: string, variables: NodeJS.ProcessEnv): RetireClients {
  const table = createTable(new DynamoDBClient(clientSettings), environment);
  const tellers = { table, notify: openNotify(variables), clock: systemClock };
  const problems = createProblems(tellers);
  const cloudWatch = new CloudWatchClient(clientSettings);
  const lookAtReach = createReach(
    {
      environment,
      topicArn: variable('KEYTURN_ONCALL_TOPIC', variables),
      fallbackTopicArn: variable('KEYTURN_FALLBACK_TOPIC', variables),
      mailboxes: JSON.parse(variable('KEYTURN_NOTIFY', variables)) as NamedMailboxes,
    },
    {
      sns: new SNSClient(clientSettings),
      problems,
      isKeyUsable: keptKeyState(variable('KEYTURN_KMS_KEY', variables)),
      clock: systemClock,
    },
  );
  return {
    secretsManager: new SecretsManagerClient(clientSettings),
    registry: openRegistry(variables),
    tellOfUnknown: createTellOfUnknown(environment, tellers),
    openCountedKeys: () => openCountedKeys(table),
    lookAtReach,
    lookAtReporting: createLookAtReporting(environment, { table, cloudWatch, problems, clock: systemClock }),
    cloudWatch,
    attempts: createLazyAttempts(environment, systemClock, createEvents()),
    certificates: createLazyCertificates(environment, systemClock),
    problems,
    isDelivered: createIsDelivered(table),
    clock: systemClock,
  };
}

/** Loaded with the first question. */
function keptKeyState(keyArn: string): AskKeyState {
  let opened: Promise<AskKeyState> | undefined;
  return async () => {
    opened ??= import('../notify/key-state').then(({ openKeyState }) => openKeyState(keyArn));
    return (await opened)();
  };
}
