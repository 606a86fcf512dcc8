// Takes reports of keys that were found where they should not be, and has the emergency function contain those that are ours. Scanners
// send theirs to the function's URL, which is open to everybody; people send theirs with `keyturn leaked`, whom AWS has let in.
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { KeyturnError } from '../core/errors';
import { type Scanner, scanners } from '../core/leaks/leak-report';
import { environmentMetricLine } from '../core/metrics/metric-line';
import { secondMs } from '../core/time';
import { createGithubKeys } from './aws/leaks/github-keys';
import { createTakeReport, type LeakTools } from './aws/leaks/leaked-keys';
import { type LeakedAnswer, readLeakedOrder } from './aws/leaks/leaked-order';
import { createSigningTokens } from './aws/leaks/signing-tokens';
import {
  createSeenReports,
  readSigned,
  readWebHook,
  type Senders,
  taken,
  type WebHook,
  type WebHookAnswer,
} from './aws/leaks/web-hook';
import { createEvents } from './aws/notify/events';
import { openRegistry } from './aws/registry/registry';
import { clientSettings } from './aws/runtime/client-settings';
import { systemClock } from './aws/runtime/clock';
import { lambdaHandler, variable } from './aws/runtime/handler';
import { createSecretStore } from './aws/secrets/secret-store';
import { createTable } from './aws/table/table';

/** A signed report is answered at a full multiple of this: how long it took tells nobody whether a key was found. */
const answersEveryMs = 3 * secondMs;

export function createLeakReport(environment: string, clients: LeakTools & Omit<Senders, 'clock'>) {
  const { clock } = clients;
  const seen = createSeenReports(clock);
  const take = createTakeReport(environment, clients);

  async function takeHook(hook: WebHook): Promise<WebHookAnswer> {
    const beganMs = clock.now().getTime();
    const report = await readSigned(hook, clients);
    if (!report) {
      process.stdout.write(`${environmentMetricLine(environment, { LeakReportsRefused: 1 }, clock.now())}\n`);
      return taken;
    }
    try {
      // The same again costs nothing, and changes nothing.
      await seen.once(hook.body, async () => {
        const { unread } = await take(report.scanner, report.finds, randomBytes(32).toString('hex'));
        if (unread) throw unreadKeys(unread);
      });
    } finally {
      const tookMs = clock.now().getTime() - beganMs;
      await clock.sleep(answersEveryMs - (tookMs % answersEveryMs));
    }
    return taken;
  }

  return async (event: unknown): Promise<WebHookAnswer | LeakedAnswer> => {
    const hook = readWebHook(event);
    if (hook) return takeHook(hook);
    const { finds, salt } = readLeakedOrder(event);
    return take('person', finds, salt);
  };
}

function unreadKeys(count: number): KeyturnError {
  return new KeyturnError(
    'no-answer',
    `a report of a leak may be about one of ${count} keys that could not be read; it has to be sent again, and the log tells which and why. If leakReports is new in the configuration, deploy the servers' stacks, too`,
  );
}

export const handler = lambdaHandler(() => {
  const environment = variable('KEYTURN_ENVIRONMENT', process.env);
  const taken = JSON.parse(variable('KEYTURN_LEAK_SCANNERS', process.env)) as Scanner[];
  const secretsManager = new SecretsManagerClient(clientSettings);
  const registry = openRegistry(process.env);
  return createLeakReport(environment, {
    scanners: scanners.filter(scanner => taken.includes(scanner)),
    githubKeys: createGithubKeys(systemClock),
    tokens: createSigningTokens(secretsManager, environment, systemClock),
    registry,
    store: createSecretStore(secretsManager, registry),
    table: createTable(new DynamoDBClient(clientSettings), environment),
    publishSignal: createEvents().publishSignal,
    clock: systemClock,
  });
});
