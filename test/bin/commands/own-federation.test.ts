// A federation of a team's own connector, in examples/own-connector: what commands say of it, and how it ends.

import { serverVariables } from '../../../bin/config/server-variables';
import { brokeredKeys } from '../../../client/broker/brokered-key';
import { parseVariable } from '../../../client/doctor/variables';
import { dialect } from '../../../examples/own-connector/connectors/gateway-dialect';
import { type FakeProviders, startFakeProviders } from '../../../rehearsal/providers/fake-provider';
import type { Trust } from '../../../rehearsal/providers/federation';
import { routedFetch } from '../../../rehearsal/providers/routed-fetch';
import { TestClock } from '../../support/provider-setup';
import { sitDown } from '../support/person';

const config = 'examples/own-connector/config/keys.ts';
const role = 'arn:aws:iam::333333333333:role/search-bot';
const settings = { client: 'search' };
const clock = new TestClock();
const realFetch = globalThis.fetch;
let fakes: FakeProviders;
let trust: Trust;
beforeAll(async () => {
  fakes = await startFakeProviders({ clock, dialects: [dialect] });
  globalThis.fetch = routedFetch(fakes.port, realFetch);
  trust = fakes.trust('gateway', { settings, issuer: 'https://sts.example.com', subject: role });
});
afterAll(async () => {
  globalThis.fetch = realFetch;
  await fakes.close();
  expect(fakes.violations).toEqual([]);
});

test('plan says what has to be set up, and how it ends', async () => {
  const { out, code } = await sitDown(['plan', '--config', config], {}, clock);
  expect(out).toContain(`prod/gateway/search-bot
  federation Model gateway accepts the role of the server by the client search: there is no key, and nothing to rotate
  tokens     live for 10 min at most, even after the trust is removed
  to end it  disable the client of this role`);
  expect(out).toContain('policy/keyturn-prod-search-bot-federation');
  expect(out).toContain(`the subject ${role} and the audience https://models.example.com`);
  expect(code).toBe(0);
});

test('run, doctor and the broker know what to exchange, and where its token goes', async () => {
  const known = await serverVariables({ config, env: 'prod', server: 'search-bot', key: [] });
  expect([...known.federated]).toEqual([['prod/gateway/search-bot', settings]]);
  const place = { environment: 'prod', server: 'search-bot' };
  const variable = parseVariable('MODELS_TOKEN', 'gateway', place);
  expect(known.variables).toContainEqual(variable);
  expect(await brokeredKeys([variable], () => undefined, known.federated)).toMatchObject([
    {
      origins: ['https://models.example.com'],
      presents: [{ in: 'header', name: 'authorization', scheme: 'Bearer' }],
      unauthorizedMeansNotDone: true,
    },
  ]);
});

test('whoever looks for its key is led to the command that takes the trust away, which does', async () => {
  const revoked = await sitDown(
    ['revoke', 'prod/gateway/search-bot', '--config', config, '--yes'],
    {},
    clock,
  );
  expect(revoked.err).toContain('run `npx keyturn federation disable prod/gateway/search-bot`, or disable');
  const credential = JSON.stringify(dialect.issuer({}));
  const { out, err, code } = await sitDown(
    ['federation', 'disable', 'prod/gateway/search-bot', '--config', config, '--yes'],
    { piped: credential },
    clock,
  );
  expect(out).toMatch(/^prod\/gateway\/search-bot: disabled; Model gateway says so\./);
  expect([trust.enabled, code]).toEqual([false, 0]);
  expect(out + err).not.toContain('FAKESECRET');
});
