import { type Cli, openCli } from '../support/cli';

let cli: Cli;
beforeAll(async () => {
  cli = await openCli();
  await cli.deploy();
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

it.each([
  ['4h', 240],
  ['72h', 4320],
  ['90s', 2],
  ['1s', 1],
])(
  'keyturn silence --for %s orders %i whole minutes, and never fewer than asked for',
  async (length, minutes) => {
    const orders: unknown[] = [];
    cli.hooks.emergency = async order => {
      orders.push(order);
      return undefined;
    };
    const silence = ['silence', 'prod/openai/support-bot', '--for', length, '--reason', 'load test'];
    expect(await cli.run(silence)).toMatchObject({ code: 0 });
    expect(orders).toMatchObject([{ kind: 'silence', minutes, reason: 'load test' }]);
  },
);
