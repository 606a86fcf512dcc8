// A configuration with a federation: what plan says of it, and where `run` and `doctor` take its tokens from.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverVariables } from '../../../bin/config/server-variables';
import { prod } from '../../lib/support/prod';
import { sitDown } from '../support/person';

const clock = { now: () => new Date('2026-11-23T08:00:00Z'), sleep: async () => {} };
const federate = { identityProvider: 'idp_1', serviceAccount: 'svc_acct_1' };
const keys = {
  environments: { prod },
  servers: {
    bot: {
      team: 'support',
      roles: { prod: 'arn:aws:iam::333333333333:role/bot' },
      keys: [{ provider: 'openai', federate, env: 'OPENAI_API_KEY' }],
    },
  },
};
const config = join(mkdtempSync(join(tmpdir(), 'keyturn-')), 'keys.ts');
writeFileSync(config, `export const keys = ${JSON.stringify(keys)};`);

const plan = (...args: string[]) => sitDown(['plan', '--config', config, ...args], {}, clock);

test('plan says that there is no key, what has to be set up, and how it ends', async () => {
  const { out, code } = await plan();
  expect(out).toContain(`prod/openai/bot
  federation OpenAI accepts the role of the server by the rule of idp_1 for the service account svc_acct_1: there is no key, and nothing to rotate
  tokens     live for 60 min at most, even after the trust is removed
  to end it  disable the rule that maps this role to its service account`);
  expect(out).toContain('arn:aws:iam::333333333333:policy/keyturn-prod-bot-federation\n');
  expect(out).toContain(
    'before you deploy: federations need the account 333333333333 to prove its roles: run `aws iam enable-outbound-web-identity-federation` there once',
  );
  expect(out).toContain(
    'the subject arn:aws:iam::333333333333:role/bot and the audience https://api.openai.com/v1\n',
  );
  expect(code).toBe(0);
});

test('plan selects federations as it does keys', async () => {
  expect(JSON.parse((await plan('--server', 'bot', '--json')).out).environments).toMatchObject([
    { keys: [], federations: [{ key: 'prod/openai/bot', variables: { OPENAI_API_KEY: 'secret' } }] },
  ]);
  expect((await plan('--provider', 'sendgrid')).code).not.toBe(0);
});

test('run and doctor know what to exchange, from the configuration or from flags', async () => {
  const address = { environment: 'prod', provider: 'openai', server: 'bot', purpose: 'main' };
  const variables = [{ name: 'OPENAI_API_KEY', address, field: 'secret' }];
  const configured = await serverVariables({ config, env: 'prod', server: 'bot', key: [] });
  expect([configured.variables, [...configured.federated]]).toEqual([
    variables,
    [['prod/openai/bot', federate]],
  ]);
  const flags = { env: 'prod', server: 'bot', key: ['OPENAI_API_KEY=openai'] };
  const flagged = await serverVariables({ ...flags, federate: [`openai=${JSON.stringify(federate)}`] });
  expect([flagged.variables, [...flagged.federated]]).toEqual([variables, [['prod/openai/bot', federate]]]);
  await expect(serverVariables({ ...flags, federate: ['openai={no json'] })).rejects.toThrow(
    /--federate openai=\{no json is not readable/,
  );
  await expect(serverVariables({ ...flags, key: [], config, federate: ['openai={}'] })).rejects.toThrow(
    '--federate goes with --key',
  );
});

test('whoever looks for its key in an emergency is told what ends it, and how long tokens live on', async () => {
  const { err, code } = await sitDown(['revoke', 'prod/openai/bot', '--config', config, '--yes'], {}, clock);
  expect(err).toMatch(
    /prod\/openai\/bot is a federation: there is no key to rotate or revoke.*To end it, run `npx keyturn federation disable prod\/openai\/bot`, or disable the rule that maps this role.*work for 60 min at most/s,
  );
  expect(code).toBe(2);
});
