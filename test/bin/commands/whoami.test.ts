import { type Cli, openCli } from '../support/cli';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
});
afterEach(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'platform-admin';
  await cli.close();
});

describe('keyturn whoami', () => {
  it('says who one is, and which environments that reaches', async () => {
    const { code, out } = await cli.run(['whoami']);
    expect(out).toBe(`arn:aws:sts::111111111111:assumed-role/platform-admin/session
account 111111111111

ENVIRONMENT  ACCOUNT       REGION     ACCESS
prod         111111111111  eu-west-1  admin
staging      222222222222  eu-west-1  another account
`);
    expect(code).toBe(0);
  });

  it('tells one whom the configuration does not name, as JSON, too', async () => {
    process.env.AWS_ACCESS_KEY_ID = 'somebody';
    const { out } = await cli.run(['whoami', '--json']);
    expect(JSON.parse(out)).toEqual({
      account: '111111111111',
      arn: 'arn:aws:sts::111111111111:assumed-role/somebody/session',
      profile: null,
      environments: [
        { environment: 'prod', account: '111111111111', region: 'eu-west-1', access: 'not-named' },
        { environment: 'staging', account: '222222222222', region: 'eu-west-1', access: 'another-account' },
      ],
    });
  });

  it('needs no configuration', async () => {
    const { code, out } = await cli.runAsIs(['whoami', '--config', 'gone.ts', '--region', 'eu-west-1']);
    expect([code, out]).toEqual([
      0,
      'arn:aws:sts::111111111111:assumed-role/platform-admin/session\naccount 111111111111\n',
    ]);
  });
});
