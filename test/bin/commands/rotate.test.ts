import { type Cli, openCli } from '../support/cli';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
});
afterEach(() => cli.close());

const name = 'prod/sendgrid/support-bot';
const secretName = 'keyturn/prod/sendgrid/support-bot/main';
const keyId = () => JSON.parse(cli.storedText(secretName)).keyId;
const calls = (operation: string) => cli.model.calls.filter(call => call.operation === operation).length;

it('says of a key that was never issued which command makes it', async () => {
  const { code, out } = await cli.run(['rotate', name, '--yes']);
  expect(out).toMatchInlineSnapshot(`
"KEY                        RESULT  TOOK
prod/sendgrid/support-bot  FAILED  -     it has no key yet

prod: 0 of 1 key done
  prod/sendgrid/support-bot: \`npx keyturn issue prod/sendgrid/support-bot\`, or \`npx keyturn adopt prod/sendgrid/support-bot\`
"
`);
  expect([code, calls('RotateSecret')]).toEqual([70, 0]);
});

describe('keyturn rotate', () => {
  beforeEach(async () => {
    await cli.run(['issue', '--env', 'prod']);
    await cli.passMs(3_600_000);
  });

  it('shows what it is about to do, asks, and follows it to its end', async () => {
    const before = keyId();
    const { code, out, err } = await cli.run(['rotate', name], { types: ['y\r'] });
    expect(err).toMatchInlineSnapshot(`
"prod (account 111111111111, eu-west-1):
KEY                        CURRENT VERSION                       WHAT HAPPENS
prod/sendgrid/support-bot  <version>                             the old key works for another 72 h

Rotate 1 key of prod? [y/N] started    prod/sendgrid/support-bot
done       prod/sendgrid/support-bot  9 s
"
`);
    expect(out).toMatchInlineSnapshot(`
"KEY                        RESULT  TOOK
prod/sendgrid/support-bot  done    9 s

prod: 1 of 1 key done
"
`);
    expect(code).toBe(0);
    expect(keyId()).not.toBe(before);
    expect(JSON.parse(cli.storedText(secretName, 'AWSPREVIOUS')).keyId).toBe(before);
  });

  it('warns that a key which is still in its overlap ends now, and that a provider with one slot ends the old one at once', async () => {
    await cli.run(['rotate', name, '--yes']);
    await cli.passMs(3_600_000);
    const { err } = await cli.run(['rotate', name, 'prod/auth0/people-bot'], { types: ['n\r'] });
    expect(err).toMatch(
      /the previous key is REVOKED NOW, not \d{4}-\d\d-\d\d \d\d:\d\d; the old key works for another 72 h$/m,
    );
    expect(err).toMatch(/prod\/auth0\/people-bot .*the old key stops working at once$/m);
  });

  it('changes nothing unless somebody says yes', async () => {
    const before = calls('RotateSecret');
    const { code, err } = await cli.run(['rotate', name], { types: ['n\r'] });
    expect(err).toContain('not confirmed; nothing was changed');
    expect([code, calls('RotateSecret')]).toEqual([3, before]);
  });

  it('is a usage error where nobody can be asked', async () => {
    const { code, err } = await cli.run(['rotate', name], { piped: '' });
    expect(err).toContain('this needs confirmation, but the terminal is not interactive; add --yes');
    expect(code).toBe(2);
  });

  it('rotates many by flag, but never a whole environment by leaving the flags out', async () => {
    const all = await cli.run(['rotate', '--env', 'prod', '--yes']);
    expect([all.code, all.err]).toEqual([
      2,
      expect.stringContaining('no key is selected; name keys, or add --server'),
    ]);
    const { code, out } = await cli.run(['rotate', '--env', 'prod', '--team', 'support', '--yes', '--json']);
    expect(JSON.parse(out).keys.map(({ key }: { key: string }) => key)).toEqual([
      'prod/sendgrid/support-bot',
      'prod/openai/support-bot',
      'prod/self-issued/support-bot/clients',
    ]);
    expect(code).toBe(0);
  });

  it('goes on in AWS after Ctrl-C, and says so', async () => {
    const { code, out } = await cli.run(['rotate', name, '--yes'], { stopsAt: /started/ });
    expect(out).toContain('no longer watched; AWS continues it');
    expect(code).toBe(130);
    const before = keyId();
    await cli.passMs(600_000);
    expect(keyId()).not.toBe(before);
  });

  describe('of a key whose rotation is stuck', () => {
    beforeEach(async () => {
      cli.hooks.beforeStep = step => {
        if (step === 'testSecret') throw new Error('planted');
      };
      await cli.run(['rotate', name, '--yes']);
      await cli.passMs(3_600_000);
    });

    it('explains what is stuck, and starts nothing', async () => {
      const before = calls('RotateSecret');
      const { code, out, err } = await cli.run(['rotate', name, '--yes']);
      expect(out).toMatchInlineSnapshot(`
"KEY                        RESULT  TOOK
prod/sendgrid/support-bot  FAILED  -     stuck: rotation started 2026-11-24 09:00

prod: 0 of 1 key done
  prod/sendgrid/support-bot: find the reason with \`aws logs tail /aws/lambda/keyturn-prod-rotate-sendgrid --since 2h --region eu-west-1\`, then \`npx keyturn rotate prod/sendgrid/support-bot --unstick\`
"
`);
      expect([code, err, calls('RotateSecret')]).toEqual([70, '', before]);
    });

    it('drops the stuck rotation with --unstick, and makes a new key; the one that it had made is ended', async () => {
      cli.hooks.beforeStep = () => {};
      const lost = JSON.parse(cli.storedText(secretName, 'AWSPENDING')).keyId;
      const before = keyId();
      const { code, err } = await cli.run(['rotate', name, '--unstick'], { types: ['y\r'] });
      expect(err).toContain('the stuck rotation ends; a new one starts');
      expect(code).toBe(0);
      expect(keyId()).not.toBe(before);
      expect(JSON.parse(cli.storedText(secretName, 'AWSPREVIOUS')).keyId).toBe(before);
      const live = cli.fakes.liveKeys('sendgrid').map(({ id }) => id);
      expect(live.sort()).toEqual([before, keyId()].sort());
      expect(live).not.toContain(lost);
    });
  });

  it('follows a rotation that began a moment ago, even with --unstick', async () => {
    await cli.run(['rotate', name, '--yes'], { stopsAt: /started/ });
    const before = calls('RotateSecret');
    const { code, err } = await cli.run(['rotate', name, '--yes', '--unstick']);
    expect(err).toContain('a rotation is already running; Keyturn follows it');
    expect([code, calls('RotateSecret')]).toEqual([0, before]);
  });
});
