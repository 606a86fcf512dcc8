// The matrix as docs/mcp-servers.md shows it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MatrixRow } from './matrix';

const page = join(__dirname, '../../../docs/mcp-servers.md');
const head =
  '| server | version | from | behind the broker | calls that failed over a rotation | after the key was killed at once |\n| --- | --- | --- | --- | --- | --- |\n';

export function tableOf(rows: readonly MatrixRow[]): string {
  const lines = rows.map(
    ({ from, package: name, version, result, why, calls, failed, killed, answersWith }) => {
      const isTried = result !== 'cannot' && result !== 'not tried';
      const after = killed.failed
        ? `${killed.failed} of ${killed.calls}: it answers ${answersWith}, so the next key is used from the next look on`
        : `0 of ${killed.calls}`;
      const cells = isTried ? [result, `${failed} of ${calls}`, after] : [`${result}: ${why}`, '', ''];
      return `| \`${name}\` | ${[version, from, ...cells].join(' | ')} |\n`;
    },
  );
  return head + lines.join('');
}

export function writeTable(rows: readonly MatrixRow[]): void {
  const text = readFileSync(page, 'utf8');
  const table = tableOf(rows);
  const written = text.replace(/(?<=<!-- npm run test:servers -- --matrix -->\n\n)(\|.*\n)*/, () => table);
  if (!written.includes(table))
    throw new Error(
      `${page} has no line <!-- npm run test:servers -- --matrix -->; add it where the table belongs`,
    );
  writeFileSync(page, written);
}
