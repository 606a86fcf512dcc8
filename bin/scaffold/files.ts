import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KeyturnError } from '../../core/errors';
import { connectorText } from './connector-text';
import { dialectText } from './dialect-text';
import { type ConnectorPlan, fieldOf, registry } from './plan';

/** By its place, what it holds. New files, and in Keyturn's own repository its registry with a line more. */
export function filesOf(plan: ConnectorPlan, folder: string): Record<string, string> {
  const { places, isInside } = plan;
  const made = {
    [places.connector]: connectorText(plan),
    [places.dialect]: dialectText(plan),
    ...(places.test && { [places.test]: testText(plan) }),
  };
  const there = Object.keys(made).find(place => existsSync(join(folder, place)));
  if (there !== undefined)
    throw new KeyturnError('usage', `${there} is there already; remove it, or use another name`);
  if (!isInside) return made;
  return { ...made, [registry]: registered(readFileSync(join(folder, registry), 'utf8'), plan) };
}

export function writeFiles(files: Record<string, string>, folder: string): void {
  for (const [place, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    writeFileSync(join(folder, place), text);
  }
}

function testText({ provider, constant }: ConnectorPlan): string {
  return `// The promises that every connector keeps, on the provider that the dialect plays: \`npx tsx --test connectors/*.test.ts\`.
import { test } from 'node:test';
import { checksOf } from 'keyturn/connectors/suite';
import { ${constant} } from './${provider}';
import { dialect } from './${provider}-dialect';

for (const { name, run } of checksOf(${constant}, dialect)) test(name, run);
`;
}

/** With a line for the connector, before the first one whose name comes later. */
function registered(text: string, { provider, constant }: ConnectorPlan): string {
  const field = fieldOf(provider);
  const name = field === constant ? constant : `${constant} as ${field}`;
  const lines = text.split('\n');
  const names = lines.map(each => /^export \{.+\} from '\.\/providers\/([\w-]+)/.exec(each)?.[1]);
  const last = names.findLastIndex(each => each !== undefined);
  if (last < 0) throw new Error(`${registry} has no line that is known here; mend bin/scaffold/files.ts`);
  const later = names.findIndex(each => each !== undefined && each > provider);
  lines.splice(later < 0 ? last + 1 : later, 0, `export { ${name} } from './providers/${provider}';`);
  return lines.join('\n');
}
