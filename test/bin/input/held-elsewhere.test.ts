import { heldElsewhere } from '../../../bin/input/held-elsewhere';
import { keyAtProvider, type Print } from '../../../core/audit/finding';
import { type Cli, openCli } from '../support/cli';

const mine = 'prod/sendgrid/support-bot';
const held = (key: string, print: string, keyId: string): Print => ({
  print,
  holder: { kind: 'key', environment: 'prod', key, atProvider: keyAtProvider('sendgrid', keyId) },
});
const value = { provider: 'sendgrid', keyId: 'k1' };

it('tells whose key it is already', () => {
  const prints = [held('prod/sendgrid/other', 'p1', 'k9'), held(mine, 'p2', 'k2')];
  expect(heldElsewhere(mine, value, 'p1', prints)).toBe('this is the key of prod/sendgrid/other already');
  expect(heldElsewhere(mine, value, 'p2', prints)).toBeUndefined();
  expect(heldElsewhere(mine, value, 'p3', prints)).toBeUndefined();
});

it('tells whose id it is, of the same provider', () => {
  const other = held('prod/sendgrid/other', 'p1', 'k1');
  expect(heldElsewhere(mine, value, 'p3', [other])).toBe(
    'the id k1 is that of the key of prod/sendgrid/other',
  );
  expect(heldElsewhere(mine, { ...value, provider: 'gitlab' }, 'p3', [other])).toBeUndefined();
  expect(heldElsewhere(mine, value, 'p3', [held(mine, 'p1', 'k1')])).toBeUndefined();
});

describe('keyturn adopt', () => {
  let cli: Cli;
  beforeEach(async () => {
    cli = await openCli();
    await cli.deploy();
    await cli.setIssuers();
  });
  afterEach(() => cli.close());
  const stored = () => cli.storedText('keyturn/prod/sendgrid/support-bot/main');

  it('does not give a server the issuer credential', async () => {
    const before = stored();
    const { apiKey } = JSON.parse(cli.issuerText('sendgrid'));
    const { code, err } = await cli.run(['adopt', mine], { piped: apiKey });
    expect(err).toContain('this is an issuer credential, which no server may have, so nothing was stored');
    expect([code, stored()]).toEqual([3, before]);
  });

  it('says where it could not check that, and goes on', async () => {
    cli.hooks.intercept = ({ service }) => (service === 'lambda' ? { kind: 'server-error' } : undefined);
    const { secret } = await cli.keyByHand('sendgrid');
    const { code, err } = await cli.run(['adopt', mine], { piped: secret });
    expect(err).toContain('Not checked whether another secret of prod holds this key: AWS answered');
    expect([code, JSON.parse(stored()).secret]).toEqual([0, secret]);
  });
});
