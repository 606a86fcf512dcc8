// The tables of docs/fidelity.md are those that the command prints.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replayAll, withTables } from '@keyturn/aws-model/fidelity/report';
import { root } from './documents';

test('docs/fidelity.md is as `npm run test:fidelity -- --document docs/fidelity.md` prints it', async () => {
  const document = readFileSync(join(root, 'docs/fidelity.md'), 'utf8');
  expect(withTables(document, await replayAll())).toBe(document);
});
