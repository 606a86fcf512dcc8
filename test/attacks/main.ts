// `npm run test:attacks`: every attack, as Keyturn stands and with its guards taken out.
import { entry, runEntry } from '../../bin/terminal/entry';
import { KeyturnError } from '../../core/errors';
import { allAttacks } from './all';
import { removeSynthesized } from './attack';

const program = entry(
  'npm run test:attacks --',
  'Tries every attack, with and without what guards against it.',
).option('--only <attack>', 'only this one');

/** Exits with 1 where an attack succeeded, or where one gets nothing without its guards, either: it proves nothing then. */
async function main(values: { only?: string; json?: boolean }): Promise<number> {
  const all = allAttacks();
  const attacks = all.filter(([name]) => !values.only || name === values.only);
  if (!attacks.length) {
    const names = all.map(([name]) => name);
    throw new KeyturnError('usage', `there is no attack "${values.only}"; use one of ${names.join(', ')}`);
  }
  const say = (text: string) => void (values.json || process.stdout.write(text));
  const succeeded: string[] = [];
  const provesNothing: string[] = [];
  for (const [name, attack] of attacks) {
    const got = await attack.run(true);
    const without = await attack.run(false);
    if (got) succeeded.push(`${name}: ${got}`);
    if (!without) provesNothing.push(name);
    say(
      `${name}: ${attack.about}\n  got ${got ?? 'nothing'}; without its guards ${without ?? 'nothing, either'}\n`,
    );
  }
  await removeSynthesized();
  for (const line of succeeded) process.stderr.write(`succeeded: ${line}\n`);
  for (const name of provesNothing)
    process.stderr.write(`gets nothing without its guards, either: ${name}\n`);
  const counts = { tried: attacks.length, succeeded: succeeded.length, provesNothing: provesNothing.length };
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  return succeeded.length || provesNothing.length ? 1 : 0;
}

void runEntry(program, main);
