import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { LambdaRuntime } from '../../rehearsal/world/lambda-runtime';

const directory = mkdtempSync(join(tmpdir(), 'keyturn-chance-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'draw.mjs'), 'export const handler = () => [Math.random(), Math.random()];\n');

/** @returns what two sandboxes of one function draw, and one of another. @param before how often the other one draws first */
async function draws(
  seed: number,
  before: number,
): Promise<{ first: number[]; second: number[]; other: number[] }> {
  const clock = new VirtualClock(new Date('2027-01-01T00:00:00Z'));
  const runtime = new LambdaRuntime({
    ...{ clock, seed, providerPort: 0, onLogLine() {} },
    aheadMs: () => 0,
    platformEnvironment: () => ({}),
  });
  const add = (name: string) =>
    runtime.add({
      ...{ name, codeDirectory: directory, handler: 'draw.handler', environment: {} },
      roleArn: 'arn:aws:iam::111111111111:role/draw',
      timeoutSeconds: 60,
      memoryMb: 512,
    });
  const draw = async (name: string) => {
    const outcome = await clock.runWhile(() => runtime.invoke(name, {}));
    return outcome.ok ? (outcome.result as number[]) : [];
  };
  for (const name of ['one', 'other']) add(name);
  for (let call = 0; call < before; call++) await draw('other');
  const first = [...(await draw('one')), ...(await draw('one'))];
  // A function that was changed loses its sandboxes.
  add('one');
  const drawn = { first, second: await draw('one'), other: await draw('other') };
  await runtime.close();
  clock.close();
  return drawn;
}

test('chance in a sandbox follows from the seed, whatever else its thread plays', async () => {
  const drawn = await draws(1, 0);
  const all = Object.values(drawn).flat();
  expect(all.every(number => number >= 0 && number < 1)).toBe(true);
  const { first, second } = await draws(1, 3);
  expect([first, second]).toEqual([drawn.first, drawn.second]);
  const anew = Object.values(await draws(2, 0)).flat();
  expect(new Set([...all, ...anew]).size).toBe(16);
});
