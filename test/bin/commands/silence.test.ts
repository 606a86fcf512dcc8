import { type Cli, openCli } from '../support/cli';

let cli: Cli;
beforeAll(async () => {
  cli = await openCli();
});
afterAll(() => cli.close());

it.each([
  ['72h', 'a silence needs a reason for the person on call; add --reason "..."'],
  ['4321m', '--for 4321m is too long; use at most 72h'],
])('keyturn silence --for %s without a reason is refused: %s', async (length, said) => {
  const { code, err } = await cli.run(['silence', 'prod/openai/support-bot', '--for', length]);
  expect(err).toContain(said);
  expect(code).toBe(2);
});
