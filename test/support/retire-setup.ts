// The retire function on the local model of AWS, with what it writes and whom it tells.
import type { Notice } from '../../core/notices/notice';
import { minuteMs } from '../../core/time';
import { createIsDelivered } from '../../lambda/aws/delivery/is-delivered';
import { createTellOfUnknown } from '../../lambda/aws/registry/unknown-secrets';
import { openCountedKeys } from '../../lambda/aws/table/counted-keys';
import { createProblems } from '../../lambda/aws/table/problems';
import { createTable } from '../../lambda/aws/table/table';
import { createRetire, type RetireSummary } from '../../lambda/retire';
import { createKeptAttempts } from '../core/support/attempts';
import { addEnvironmentKey, type DeployedKeys, deployedKeys } from './deployed-keys';
import { type FunctionSetup, openFunctionSetup } from './function-setup';

export interface RetireSetup extends FunctionSetup {
  deployed: DeployedKeys;
  notices: Notice[];
  /** Lines of its log and of its metrics. */
  lines: string[];
  run(remainingMs?: number): Promise<RetireSummary>;
}

export async function openRetireSetup(): Promise<RetireSetup> {
  const setup = await openFunctionSetup('keyturn-prod-retire');
  addEnvironmentKey(setup.model);
  const deployed = deployedKeys();
  const notices: Notice[] = [];
  const lines: string[] = [];
  const written = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation(text => lines.push(String(text)) > 0);
  const table = createTable(setup.dynamoDb, 'prod');
  const tells = { table, notify: async (notice: Notice) => void notices.push(notice), clock: setup.clock };
  return {
    ...setup,
    deployed,
    notices,
    lines,
    run: (remainingMs = 15 * minuteMs) =>
      createRetire('prod', {
        ...setup,
        attempts: createKeptAttempts(),
        lookAtReach: async () => {},
        lookAtReporting: async () => {},
        problems: createProblems(tells),
        openCountedKeys: () => openCountedKeys(table),
        isDelivered: createIsDelivered(table),
        registry: deployed.registry,
        tellOfUnknown: createTellOfUnknown('prod', tells),
      })({}, { awsRequestId: 'a', getRemainingTimeInMillis: () => remainingMs }),
    async close() {
      written.mockRestore();
      await setup.close();
    },
  };
}
