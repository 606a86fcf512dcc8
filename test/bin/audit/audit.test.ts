// `keyturn audit` and the audit function behind it, in front of the fake providers: what each finding takes as proof, and what must
// not be taken for one.
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AuditFinding, AuditReport } from '../../../core/audit/finding';
import { providerKeyName } from '../../../core/key/provider-key-name';
import { dayMs, hourMs, minuteMs } from '../../../core/time';
import { createAttempts } from '../../../lambda/aws/table/attempts';
import { keyKey } from '../../../lambda/aws/table/table';
import { type Cli, openCli } from '../support/cli';
import { issueAll } from '../support/issue-all';

let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await issueAll(cli);
  await cli.passMs(2 * hourMs);
});
afterEach(() => cli.close());

const sendgridKey = 'prod/sendgrid/support-bot';
const sendgridSecret = 'keyturn/prod/sendgrid/support-bot/main';

async function audited(...flags: string[]): Promise<AuditReport & { code: number; err: string }> {
  const { code, out, err } = await cli.run(['audit', '--env', 'prod', '--json', ...flags]);
  const { audits } = JSON.parse(out) as { audits: AuditReport[] };
  return { ...audits[0]!, code, err };
}

const of = ({ findings }: { findings: AuditFinding[] }, rule: string) =>
  findings.filter(each => each.rule === rule);
const current = (name = sendgridSecret) =>
  JSON.parse(cli.storedText(name)) as { keyId: string; issuedAt: string };
const store = (name: string, change: object) =>
  cli.runIn(() =>
    new SecretsManagerClient({ region: 'eu-west-1' }).send(
      new PutSecretValueCommand({
        SecretId: name,
        SecretString: JSON.stringify({ ...JSON.parse(cli.storedText(name)), ...change }),
      }),
    ),
  );
const arnOf = (name: string) => cli.model.secretsManager.secret(name).arn;

test('where all is as it should be, there is no finding, and what was not looked at is named', async () => {
  const { findings, notCovered, looked, code } = await audited();
  expect(findings).toEqual([]);
  expect(code).toBe(0);
  expect(looked).toEqual({
    keys: 5,
    'keys with a known end': 1,
    issuers: 3,
    'places at providers': 2,
    'keys at providers': 2,
  });
  expect(notCovered.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      'Auth0: keys that Keyturn does not know',
      'GitHub: keys that Keyturn does not know',
      'SendGrid: when keys were last used',
      'OpenAI: what its keys may do',
    ]),
  );
});

test('a key that a person made is unknown, whatever it is named, and its name is shown as text', async () => {
  const account = cli.fakes.account('sendgrid');
  const [{ place } = { place: '' }] = account.keys;
  account.add({ id: 'byHand1', place, secret: account.freshSecret(40), name: '=HYPERLINK("<b>")' });
  const copied = account.keys.find(({ id }) => id === current().keyId)!.name;
  account.add({ id: 'byHand2', place, secret: account.freshSecret(40), name: copied });
  await cli.passMs(2 * hourMs);
  const report = await audited();
  const found = of(report, 'unknown-key');
  expect(found.map(({ subject, keys }) => ({ subject, keys }))).toEqual([
    { subject: 'sendgrid key byHand1', keys: [] },
    { subject: 'sendgrid key byHand2', keys: [sendgridKey] },
  ]);
  expect(found[1]!.evidence.join(' ')).toContain('no record of an attempt proves that it is one');
  expect(report.findings).toHaveLength(2);
  expect(report.code).toBe(1);

  const csv = await cli.run(['audit', '--env', 'prod', '--csv']);
  expect(csv.out.split('\n')[0]).toBe('environment,severity,rule,subject,keys,evidence,fix');
  const html = await cli.run(['audit', '--env', 'prod', '--html']);
  expect(html.out).toContain('=HYPERLINK(\\&#34;&#60;b&#62;\\&#34;)');
  expect(html.out).not.toContain('<b>');
  expect(html.out).not.toMatch(/src="|href="(?!data:,")|url\(/);
});

const lostVersion = '11111111-2222-3333-4444-555555555555';

describe('a key that Keyturn made and lost', () => {
  async function lose(options: { listedBefore?: boolean; madeLaterMs?: number } = {}) {
    const account = cli.fakes.account('sendgrid');
    const [{ place } = { place: '' }] = account.keys;
    const at = new Date(cli.now().getTime());
    const name = providerKeyName('keyturn-prod-support-bot', arnOf(sendgridSecret), lostVersion, at, 100);
    const state = {
      address: { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' },
    };
    const attempts = createAttempts(cli.table, cli.clock, async () => {});
    const listed = options.listedBefore ? [{ id: 'lost1' }] : [];
    await cli.runIn(() => attempts.begin(state as never, { name, versionId: lostVersion, at }, listed));
    account.add({ id: 'lost1', place, secret: account.freshSecret(40), name });
  }

  it('is proven by the record of its attempt, an hour after it was made and not before', async () => {
    await lose();
    await cli.passMs(hourMs - minuteMs);
    expect((await audited()).findings).toEqual([]);
    await cli.passMs(2 * minuteMs);
    const { findings } = await audited();
    expect(findings).toEqual([
      expect.objectContaining({ rule: 'orphaned-key', subject: 'sendgrid key lost1', keys: [sendgridKey] }),
    ]);
  });

  it('is not proven where the provider had listed it before', async () => {
    await lose({ listedBefore: true });
    await cli.passMs(2 * hourMs);
    const { findings } = await audited();
    expect(findings.map(({ rule }) => rule)).toEqual(['unknown-key']);
    expect(findings[0]!.evidence.join(' ')).toContain('someone copied the name');
  });

  it('is left alone while a containment is ending it', async () => {
    await lose();
    await cli.passMs(2 * hourMs);
    const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };
    await cli.runIn(() => cli.table.change(keyKey(address), { add: { marks: [lostVersion] } }));
    const { findings, notCovered } = await audited();
    expect(findings).toEqual([]);
    expect(notCovered).toContainEqual(expect.objectContaining({ what: 'SendGrid: the key lost1' }));
  });
});

describe('a key that the provider does not list', () => {
  const revoke = () => {
    const account = cli.fakes.account('sendgrid');
    account.revoke(account.keys.find(({ id }) => id === current().keyId)!);
  };

  it('is gone, where the provider turns it away and accepts the issuer credential', async () => {
    revoke();
    await cli.passMs(hourMs);
    const { findings } = await audited();
    expect(findings).toEqual([expect.objectContaining({ rule: 'key-gone', keys: [sendgridKey] })]);
  });

  it('is not gone where the provider accepts it: then the list is not whole', async () => {
    const account = cli.fakes.account('sendgrid');
    const key = account.keys.find(({ id }) => id === current().keyId)!;
    jest.spyOn(account, 'present').mockImplementation(() => account.keys.filter(each => each !== key));
    const { findings, notCovered } = await audited();
    expect(findings).toEqual([]);
    expect(notCovered).toContainEqual({
      what: 'SendGrid: whether its list is complete',
      why: expect.stringContaining(sendgridKey),
      failed: true,
    });
  });

  it('is not gone where the account is suspended: an empty list, and everybody is turned away', async () => {
    cli.hooks.provider = ({ provider, kind }) => {
      if (provider !== 'sendgrid') return undefined;
      const message = 'The provided authorization grant is invalid, expired, or revoked';
      const turnedAway = { status: 401, body: { errors: [{ field: null, message }] } };
      const reply = kind === 'list' ? { status: 200, body: { result: [] } } : turnedAway;
      return { kind: 'instead', answer: () => reply };
    };
    const { findings, notCovered } = await audited();
    expect(findings).toEqual([]);
    expect(notCovered).toContainEqual({
      what: 'SendGrid: whether keys are gone',
      why: expect.stringContaining('the account may be suspended'),
      failed: true,
    });
  });

  it('is not gone where the provider does not answer, and the rest is audited', async () => {
    cli.hooks.provider = ({ provider }) =>
      provider === 'sendgrid' ? { kind: 'status', status: 503 } : undefined;
    const { findings, notCovered, looked } = await audited();
    expect(findings).toEqual([]);
    expect(looked['places at providers']).toBe(1);
    expect(notCovered).toContainEqual(
      expect.objectContaining({ what: `SendGrid: keys beside ${sendgridKey}` }),
    );
  });
});

test('the same key in two secrets is found by prints, which no answer holds the key beside', async () => {
  const { secret } = JSON.parse(cli.storedText('keyturn/prod/openai/support-bot/main'));
  await store('keyturn/prod/self-issued/support-bot/clients', { secret });
  const { findings } = await audited();
  expect(of({ findings }, 'same-key')).toEqual([
    expect.objectContaining({ keys: ['prod/openai/support-bot', 'prod/self-issued/support-bot/clients'] }),
  ]);
});

test('a key that is unused for 90 days is found on that day and not before, or after as many days as asked', async () => {
  const account = cli.fakes.account('openai');
  const key = account.keys.find(({ id }) => id === current('keyturn/prod/openai/support-bot/main').keyId)!;
  const issuedAt = new Date(cli.now().getTime() - 200 * dayMs);
  await store('keyturn/prod/openai/support-bot/main', { issuedAt: issuedAt.toISOString() });
  key.lastUsedAt = new Date(cli.now().getTime() - 90 * dayMs + minuteMs);
  expect(of(await audited(), 'unused-key')).toEqual([]);
  expect(of(await audited('--unused-after', '89d'), 'unused-key')).toHaveLength(1);
  await cli.passMs(minuteMs);
  expect(of(await audited(), 'unused-key')[0]).toMatchObject({
    keys: ['prod/openai/support-bot'],
    evidence: [expect.stringContaining('last used 90 days ago')],
  });
});

test('filters leave what concerns their keys', async () => {
  const account = cli.fakes.account('sendgrid');
  const [{ place } = { place: '' }] = account.keys;
  account.add({ id: 'byHand1', place, secret: account.freshSecret(40), name: 'mine' });
  await cli.passMs(60 * dayMs);
  const count = async (...flags: string[]) => {
    const { findings } = await audited(...flags);
    return findings.map(({ rule, subject }) => `${rule} ${subject}`).sort();
  };
  const all = await count();
  expect(all).toContain('unknown-key sendgrid key byHand1');
  expect(await count('--provider', 'sendgrid')).toEqual(all.filter(each => each.includes('sendgrid')));
  expect(await count('--team', 'people')).toEqual(all.filter(each => each.includes('people-bot')));
});

test('a part that fails is told of, and the others are asked', async () => {
  cli.model.functions.add({
    name: 'keyturn-prod-audit',
    arn: 'arn:aws:lambda:eu-west-1:111111111111:function:another',
    roleArn: 'arn:aws:iam::111111111111:role/another',
    policy: '{"Statement":[]}',
  });
  const { notCovered, findings } = await audited();
  expect(findings).toEqual([]);
  expect(notCovered.map(({ what }) => what)).toContain('the part keys');
});

test('an issuer credential that can do more than make keys is found, where its provider tells', async () => {
  cli.hooks.provider = ({ provider, kind }) => {
    if (provider !== 'sendgrid' || kind !== 'verify') return undefined;
    const scopes = ['api_keys.create', 'mail.send', 'teammates.create', '2fa_required'];
    return { kind: 'instead', answer: () => ({ status: 200, body: { scopes } }) };
  };
  const [found, ...others] = (await audited()).findings;
  expect(others).toEqual([]);
  expect(found).toMatchObject({ rule: 'powerful-issuer', provider: 'sendgrid' });
  expect(found?.evidence.join(' ')).toContain('[teammates.create]');
});
