import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KeyturnError } from '../../core/errors';
import { connectorText } from './connector-text';
import { dialectText } from './dialect-text';
import { type ConnectorPlan, fieldOf } from './plan';

/** By its place, what it holds. New files, and in Keyturn's own repository its two registries with a line more. */
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
  const read = (place: string) => readFileSync(join(folder, place), 'utf8');
  return {
    ...made,
    'connectors/index.ts': registered(read('connectors/index.ts'), plan),
    'connectors/load.ts': loaded(read('connectors/load.ts'), plan),
  };
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

/** With the connector imported, and named, where its name belongs among the others. */
export function registered(index: string, { provider, constant }: ConnectorPlan): string {
  const imported = `import { ${constant} } from './providers/${provider}';`;
  const field = fieldOf(provider);
  const named = field === constant ? `  ${constant},` : `  ${field}: ${constant},`;
  const withImport = insertedAmong(index, /^import .* from '\.\/providers\/([\w-]+)/, provider, imported);
  return insertedAmong(withImport, /^ {2}'?([\w-]+)'?(?:: \w+)?,$/, provider, named);
}

export function loaded(load: string, { provider, constant }: ConnectorPlan): string {
  const line = `      ${fieldOf(provider)}: async () => (await import('./providers/${provider}')).${constant},`;
  return insertedAmong(load, /^ {6}'?([\w-]+)'?: async \(\) =>/, provider, line);
}

/** Before the first of the like lines whose name comes later; after the last where none does. */
function insertedAmong(text: string, like: RegExp, name: string, line: string): string {
  const lines = text.split('\n');
  const names = lines.map(each => like.exec(each)?.[1]);
  const later = names.findIndex(each => each !== undefined && each > name);
  const last = names.findLastIndex(each => each !== undefined);
  if (last < 0) throw new Error(`no line of a registry is like ${like}; mend bin/scaffold/files.ts`);
  lines.splice(later < 0 ? last + 1 : later, 0, line);
  return lines.join('\n');
}
