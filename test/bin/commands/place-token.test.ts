// The token of a place outside AWS, as a person sets it.
import { minuteMs } from '../../../core/time';
import { fakeGithubActions } from '../../../rehearsal/places/fake-github-actions';
import { fakeWorkers } from '../../../rehearsal/places/fake-workers';
import { environmentKey } from '../../support/deployed-keys';
import { type Cli, openCli } from '../support/cli';
import { withConfig } from '../support/with-config';

const account = '0123456789abcdef0123456789abcdef';
const places = {
  'github-actions': { to: 'github-actions', repository: 'example/reports', secret: 'SENDGRID_API_KEY' },
  'cloudflare-worker': { to: 'cloudflare-worker', account, worker: 'bot', secret: 'SENDGRID_API_KEY' },
};
type Kind = keyof typeof places;
const token = 'FAKESECRET-of-a-place-0123456789';
const secretOf = (kind: Kind) => `keyturn/prod/issuers/${kind}`;
let cli: Cli;
let github: ReturnType<typeof fakeGithubActions>;
let workers: ReturnType<typeof fakeWorkers>;

beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  [github, workers] = [fakeGithubActions(), fakeWorkers()];
  for (const place of [github, workers]) {
    place.tokens.add(token);
    cli.fakes.host(place);
  }
  github.add('example/reports');
  workers.add(account, 'bot');
  for (const kind of Object.keys(places) as Kind[])
    cli.model.secretsManager.createFromTemplate({
      name: secretOf(kind),
      secretString: '{"state":"unissued"}',
      kmsKeyId: environmentKey,
    });
  // What is stored with a secret is its deployment's.
  await cli.passMs(minuteMs);
});
afterEach(() => cli.close());

async function run(kind: Kind, args: string[], piped?: string) {
  let ended = { code: -1, out: '', err: '' };
  const change = (source: string) =>
    source.replace(
      "provider: 'sendgrid',",
      `provider: 'sendgrid', environments: { prod: { deliverTo: [${JSON.stringify(places[kind])}] } },`,
    );
  await withConfig(change, async config => {
    ended = await cli.run([...args, '--config', config], piped === undefined ? {} : { piped });
  });
  return ended;
}
const set = (kind: Kind, piped: string, ...flags: string[]) =>
  run(kind, ['issuer', 'set', kind, '--env', 'prod', ...flags], piped);

describe.each(Object.keys(places) as Kind[])('%s', kind => {
  test('`issuer set` says the least that it needs, asks the place, writes nothing there, and stores it', async () => {
    const { code, out, err } = await set(kind, `${token}\n`);
    expect([code, cli.storedText(secretOf(kind))]).toEqual([0, JSON.stringify({ token })]);
    expect(out).toMatch(
      new RegExp(
        `^${secretOf(kind)}: stored; .* accepts it\\. Next: npx keyturn deliver prod/sendgrid/support-bot\n$`,
      ),
    );
    expect(err).toMatch(
      kind === 'github-actions'
        ? /needs \{"token"\}: a fine-grained .* for these repositories alone, .* Secrets \(read and write\)/
        : /needs \{"token"\}: an API token with the role Workers Editor for these Workers alone and nothing else; .* Workers Scripts \(edit\)/,
    );
    expect(out + err).not.toContain(token);
    expect(cli.fakes.calls.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('a token that the place rejects is not stored', async () => {
    const { code, err } = await set(kind, 'FAKESECRET-another-one\n');
    expect(code).not.toBe(0);
    expect(err).toMatch(/answered 401 to GET .*the issuer credential is not valid here/);
    expect(cli.storedText(secretOf(kind))).toBe('{"state":"unissued"}');
  });

  test('without asking, and as JSON, it is stored, too; --dry-run stores nothing', async () => {
    expect((await set(kind, '{"token":"x y"}', '--no-verify', '--dry-run')).code).toBe(0);
    expect(cli.storedText(secretOf(kind))).toBe('{"state":"unissued"}');
    expect((await set(kind, '{"token":"x y"}', '--no-verify')).out).toContain('stored, not checked');
    expect(cli.storedText(secretOf(kind))).toBe('{"token":"x y"}');
  });

  test('`issuer status` shows whether it is set, and with which command', async () => {
    const before = await run(kind, ['issuer', 'status', '--env', 'prod', '--provider', 'sendgrid']);
    expect([before.code, before.out]).toEqual([
      1,
      expect.stringMatching(new RegExp(`${kind} +not set +- +1 +npx keyturn issuer set ${kind} --env prod`)),
    ]);
    await set(kind, token);
    const { out } = await run(kind, ['issuer', 'status', '--env', 'prod', '--provider', 'sendgrid']);
    expect(out).toMatch(new RegExp(`${kind} +set `));
  });

  test('`plan` says that it is needed', async () => {
    const { out } = await run(kind, ['plan', '--env', 'prod']);
    expect(out).toMatch(
      new RegExp(
        `before you deploy: make a token for .*\`npx keyturn issuer set ${kind} --env prod\` stores it`,
      ),
    );
    expect((await cli.run(['plan', '--env', 'prod'])).out).not.toContain('make a token');
  });
});

test('a kind of place that no key is delivered to has nothing to set', async () => {
  const { code, err } = await cli.run(['issuer', 'set', 'github-actions', '--env', 'prod']);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining('"github-actions" is not a provider in prod; use one of'),
  ]);
});
