// Prints how the model stands to what was recorded of AWS; with --document <file>, prints the tables into that document.
import { readFileSync, writeFileSync } from 'node:fs';
import { replayAll, table, withTables } from './report';

async function main(): Promise<void> {
  const results = await replayAll();
  process.stdout.write(`${table(results)}\n`);
  const [option, file] = process.argv.slice(2);
  if (option === '--document' && file) writeFileSync(file, withTables(readFileSync(file, 'utf8'), results));
  process.exitCode = results.some(({ outcome }) => typeof outcome === 'object') ? 1 : 0;
}

void main();
