// Of two audits that run at once, one tells people; one that died while it told keeps no later one from it.

import { readAuditRecord } from '../../../../lambda/aws/table/audit-baseline';
import { createTable } from '../../../../lambda/aws/table/table';
import { openFunctionSetup } from '../../../support/function-setup';

const minuteMs = 60_000;

test.each([
  ['just under a minute later', minuteMs - 1, false],
  ['a minute later', minuteMs, true],
  // Clocks of hosts differ.
  ['just under a minute before, by its own clock', 1 - minuteMs, false],
  ['a minute before, by its own clock', -minuteMs, true],
])(
  'another audit tells what the first may have died at, a minute after that one began: %s',
  async (_, laterMs, tells) => {
    const setup = await openFunctionSetup('keyturn-prod-audit');
    try {
      const table = createTable(setup.dynamoDb, 'prod');
      const now = setup.clock.now();
      const next = { lookedAt: now, isWhole: true, known: [] };
      const first = await readAuditRecord(table, () => now);
      const other = await readAuditRecord(table, () => new Date(now.getTime() + laterMs));
      await new Promise<void>((begun, failed) => {
        const diesAtIt = () => {
          begun();
          return new Promise<void>(() => {});
        };
        first.note(next, diesAtIt).catch(failed);
      });
      let told = 0;
      expect(await other.note(next, async () => void told++)).toBe(tells);
      expect(told).toBe(tells ? 1 : 0);
    } finally {
      await setup.close();
    }
  },
);
