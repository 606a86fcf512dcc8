// `npm run test:attacks`: every attack, as Keyturn stands and with its guards taken out.
import { parseArgs } from 'node:util';
import { allAttacks } from './all';
import { removeSynthesized } from './attack';

const usage = `Usage: npm run test:attacks -- [--only forged-secret] [--json]
`;

/** Exits with 1 where an attack succeeded, or where one gets nothing without its guards, either: it proves nothing then. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const attacks = allAttacks().filter(([name]) => !values.only || name === values.only);
  if (values.help || !attacks.length) {
    process.stderr.write(values.help ? usage : `there is no attack "${values.only}"\n${usage}`);
    return values.help ? 0 : 2;
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

main().then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 70;
  },
);
