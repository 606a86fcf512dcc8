import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configFile } from '../support/cli';
import { type Ended, sitDown } from '../support/person';

const clock = { now: () => new Date('2026-11-23T08:00:00Z'), sleep: async () => {} };

function plan(...args: string[]): Promise<Ended> {
  const config = args.includes('--config') ? [] : ['--config', configFile];
  return sitDown(['plan', ...args, ...config], {}, clock);
}

/** A configuration of one's own. */
function planOf(text: string, ...args: string[]): Promise<Ended> {
  const file = join(mkdtempSync(join(tmpdir(), 'keyturn-')), 'keys.ts');
  writeFileSync(file, text);
  return plan('--config', file, ...args);
}

describe('keyturn plan', () => {
  it('shows how near templates and accounts are to what AWS takes, nearest first', async () => {
    const { code, out } = await plan('--limits', '--env', 'prod');
    expect(code).toBe(0);
    expect(out).toMatch(/^LIMIT OF A TEMPLATE +USED +AWS TAKES +LEFT +WHERE\n/);
    expect(out).toMatch(/\nresources of a stack +\d+ +500 +\d+ +keyturn-prod\n/);
    expect(out).toMatch(/\nanomaly detection models of CloudWatch +\d+ +500 +\d+ +111111111111 eu-west-1\n/);
    const { limits, quotas } = JSON.parse((await plan('--limits', '--env', 'prod', '--json')).out);
    const shares = limits.map(({ used, limit }: { used: number; limit: number }) => used / limit);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(quotas).toContainEqual(expect.objectContaining({ quota: 1000, place: '111111111111' }));
  });

  it('says when each key rotates, what servers get and what it costs', async () => {
    const { code, out, err } = await plan('--env', 'prod', '--server', 'people-bot');
    expect(out).toMatchInlineSnapshot(`
"prod: account 111111111111, eu-west-1, 2 keys. Schedules are in UTC: clock changes in Europe/Berlin do not move them.

prod/auth0/people-bot
  rotates    every-2-months, on day 14 of Jan, Mar, May, Jul, Sep, Nov, between 11:00 and 13:00 UTC
  next       2027-01-14 11:00, 2027-03-14 11:00, 2027-05-14 11:00 (Thu 12:00, Sun 12:00, Fri 13:00 in Europe/Berlin)
  overlap    none: the old key stops working when the provider gets the new one
  tier       normal, of team people
  variables  AUTH0_CLIENT_ID (clientId), AUTH0_CLIENT_SECRET
  costs      $1.14 a month

prod/github-app/people-bot
  rotates    never: only a person can create this key: generate a private key in the app's settings on GitHub, under General, Private keys; then \`npx keyturn adopt prod/github-app/people-bot\`
  overlap    72 h
  tier       normal, of team people
  scopes     contents:read
  variables  none: the server reads the key itself
  costs      $1.14 a month

Servers outside Lambda count their use of keys with PutMetricData. Attach to their roles:
  arn:aws:iam::111111111111:role/people-bot  arn:aws:iam::111111111111:policy/keyturn-prod-people-bot-usage

Emergencies: nothing is reserved for their function, since an account with a low limit can reserve none. If other functions could use up the limit, set emergencyConcurrency.
prod: $12.57 a month, $10.28 of it for what its keys share
warning: the stacks of prod can be deleted; once they are deployed, write terminationProtection: true in the configuration and deploy again

Total: $12.57 a month = 0.40 × 5 secrets + 0.05 × 18,279 secret calls/10,000 + 1.00 × 1 KMS keys + 0.03 × 16 KMS requests/10,000 + 0.10 × 29 alarm metrics + 0.50 × 3 composite alarms + 0.30 × 4 metric series + 0.01 × 87,660 metric calls/1,000 + 3.00 × 1 dashboards
with one process per server, always running, that checks for a new key every five minutes and reports usage every minute; 16 calls per rotation; no free tiers; functions, events and logs below a cent.
List prices of us-east-1 as of 2026-09-29: https://aws.amazon.com/secrets-manager/pricing/ https://aws.amazon.com/kms/pricing/ https://aws.amazon.com/cloudwatch/pricing/ https://aws.amazon.com/cloudtrail/pricing/
"
`);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('prints the same facts as one JSON document', async () => {
    const { code, out } = await plan('--env', 'prod', '--provider', 'openai', '--json');
    const { environments, ...cost } = JSON.parse(out);
    expect(environments[0].keys).toMatchInlineSnapshot(`
[
  {
    "couldBe": "make it a federation: OpenAI accepts the server's own AWS role, so that no key exists (write \`federate\` in place of \`settings\`; docs/federation.md)",
    "environment": "prod",
    "key": "prod/openai/support-bot",
    "monthlyUsd": 1.44,
    "next": [
      "2026-11-25T12:00:00.000Z",
      "2026-12-02T12:00:00.000Z",
      "2026-12-09T12:00:00.000Z",
    ],
    "overlapHours": 12,
    "provider": "openai",
    "purpose": "main",
    "rotateEvery": "weekly",
    "schedule": {
      "cron": "cron(0 12 ? * WED *)",
      "windowHours": 2,
      "words": "weekly, on wed, between 12:00 and 14:00 UTC",
    },
    "scopes": [],
    "server": "support-bot",
    "team": "support",
    "tier": "high",
    "variables": {
      "OPENAI_API_KEY": "secret",
    },
  },
]
`);
    expect({ ...environments[0], keys: undefined }).toMatchInlineSnapshot(`
{
  "account": "111111111111",
  "federations": [],
  "keys": undefined,
  "monthlyUsd": 11.72,
  "name": "prod",
  "platformUsd": 10.28,
  "policies": [
    {
      "policy": "arn:aws:iam::111111111111:policy/keyturn-prod-support-bot-usage",
      "role": "arn:aws:iam::111111111111:role/support-bot",
      "server": "support-bot",
    },
  ],
  "preparations": [],
  "region": "eu-west-1",
  "timeZone": "Europe/Berlin",
  "warnings": [
    "the stacks of prod can be deleted; once they are deployed, write terminationProtection: true in the configuration and deploy again",
  ],
}
`);
    expect(cost).toMatchObject({ monthlyUsd: environments[0].monthlyUsd, pricesAsOf: expect.any(String) });
    expect(code).toBe(0);
  });

  it('shows every environment unless one is named, and leaves out those in which nothing is selected', async () => {
    const names = async (...args: string[]) => {
      const { environments } = JSON.parse((await plan('--json', ...args)).out);
      return environments.map(({ name }: { name: string }) => name);
    };
    expect(await names()).toEqual(['prod', 'staging']);
    expect(await names('--team', 'people')).toEqual(['prod']);
  });

  it('warns where too many keys meet', async () => {
    const key = (i: number) =>
      `{ provider: 'sendgrid', purpose: 'p${i}', scopes: ['mail.send'], rotateEvery: 'weekly', overlapHours: 24 }`;
    const oneWindow = "businessHours: { timeZone: 'UTC', days: ['mon'], from: 9, to: 11 }";
    const keys = Array.from({ length: 5 }, (_, i) => key(i)).join(',');
    const { out, code } = await planOf(oneServer(keys, oneWindow));
    expect(out).toMatch(/^warning: 5 keys of server bot can rotate in the same hour/m);
    expect(code).toBe(0);
  });

  it.each([
    ['an unknown environment', ['--env', 'prd'], '"prd" is not a known environment; did you mean "prod"?'],
    ['an unknown server', ['--server', 'x'], '"x" is not a known server; use one of support-bot, people-bot'],
    [
      'an unknown provider',
      ['--provider', 'sendgird'],
      '"sendgird" is not a known provider; did you mean "sendgrid"?',
    ],
    ['an unknown team', ['--team', 'suport'], '"suport" is not a known team; did you mean "support"?'],
    ['an unknown flag', ['--sever', 'x'], "unknown option '--sever'"],
    [
      'a file that is not there',
      ['--config', 'nowhere.ts'],
      'nowhere.ts does not exist; run this where it does',
    ],
  ])('%s is a usage error', async (_, args, text) => {
    const { code, out, err } = await plan(...args);
    expect(err).toContain(text);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it.each([
    [
      'cannot be compiled',
      'export const keys = {',
      /keys\.ts:1:22 cannot be compiled \([^)]+\); correct this line/,
    ],
    [
      'exports no keys',
      'export const other = 1;',
      /exports no "keys"; write `export const keys = defineKeys/,
    ],
    [
      'throws',
      'throw new Error("no such thing")',
      /keys\.ts:1:7 failed to load \(Error: no such thing\); correct it/,
    ],
    [
      'breaks a rule',
      oneServer("{ provider: 'sendgrid', scopes: [] }"),
      /prod\/bot\/sendgrid: scopes \[\] would let SendGrid grant anything/,
    ],
  ])('a configuration that %s is a usage error', async (_, text, message) => {
    const { code, err, out } = await planOf(text, '--json');
    expect(err).toMatch(message);
    expect(JSON.parse(out)).toEqual({
      error: { code: 'bad-config', message: expect.stringMatching(message) },
    });
    expect(code).toBe(2);
  });

  it('reads the file as it is now', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'keyturn-')), 'keys.ts');
    const teamOf = async () => {
      const { environments } = JSON.parse((await plan('--config', file, '--json')).out);
      return environments[0].keys[0].team;
    };
    const text = oneServer("{ provider: 'sendgrid', scopes: ['mail.send'] }");
    writeFileSync(file, text);
    expect(await teamOf()).toBe('first');
    writeFileSync(file, text.replace('first', 'second'));
    expect(await teamOf()).toBe('second');
  });
});

function oneServer(keys: string, more = ''): string {
  return `export const keys: unknown = {
    environments: { prod: { account: '111111111111', region: 'eu-west-1', policy: 'prod',
      admins: ['arn:aws:iam::111111111111:role/admin'], notify: { emails: ['oncall@example.com'] }, ${more} } },
    servers: { bot: { team: 'first', roles: { prod: 'arn:aws:iam::111111111111:role/bot' }, keys: [${keys}] } },
  };`;
}
