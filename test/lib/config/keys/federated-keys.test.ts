import type { KeyInput } from '../../../../lib/config/config';
import { defineKeys } from '../../../../lib/config/define-keys';
import { validateConfig } from '../../../../lib/config/validate-config';
import { type Loose, problemsAfter, validKeys } from '../../support/broken-config';

const federate = { identityProvider: 'idp_prod', serviceAccount: 'svc_acct_prod' };
const federated = {
  provider: 'openai',
  env: 'OPENAI_API_KEY',
  federate,
  environments: { prod: {}, staging: { federate: { identityProvider: 'idp_staging' } } },
};

function without(keys: Loose): Record<string, unknown>[] {
  const server = keys.servers['support-bot']!;
  server.keys = server.keys.filter(({ provider }) => provider !== 'openai');
  return server.keys;
}

const said = (written: object) => problemsAfter(keys => void without(keys).push(written as never));

test('a federation is no key: each environment has its own settings', () => {
  const keys = validKeys();
  without(keys).push(federated);
  const { environments } = validateConfig(keys as never);
  const found = environments.flatMap(({ servers }) => servers);
  expect(found.map(server => server.keys.map(({ address }) => address.provider))).toEqual([
    ['sendgrid'],
    ['sendgrid'],
  ]);
  expect(found.flatMap(({ federations }) => federations)).toEqual([
    {
      address: { environment: 'staging', provider: 'openai', server: 'support-bot', purpose: 'main' },
      settings: { identityProvider: 'idp_staging', serviceAccount: 'svc_acct_prod' },
      env: { OPENAI_API_KEY: 'secret' },
    },
    {
      address: { environment: 'prod', provider: 'openai', server: 'support-bot', purpose: 'main' },
      settings: federate,
      env: { OPENAI_API_KEY: 'secret' },
    },
  ]);
});

test('a server needs no other keys, and is where its federations are', () => {
  const keys = validKeys();
  keys.servers['support-bot']!.keys = [{ provider: 'openai', federate, environments: { prod: {} } }];
  const [staging, prod] = validateConfig(keys as never).environments;
  expect([staging?.servers, prod?.servers.map(({ keys }) => keys)]).toEqual([[], [[]]]);
});

test('what has no meaning for a federation is refused', () => {
  expect(said({ ...federated, scopes: ['a'] }).join()).toContain('"scopes" is not a field');
  expect(said({ ...federated, settings: { project: 'p' } }).join()).toContain('"settings" is not a field');
  expect(said({ ...federated, env: { A: 'accountId' } }).join()).toContain('a token has none');
  expect(said({ ...federated, federate: 'idp' }).join()).toContain('name what an admin set up');
  expect(said({ ...federated, federate: { serviceAccount: 'a' }, environments: { prod: {} } })).toEqual([
    expect.stringContaining('federate.identityProvider is missing'),
  ]);
  expect(said({ ...federated, environments: { dev: {} } }).join()).toContain('"dev" is not an environment');
});

test('a provider that accepts no roles is named, with those that do', () => {
  expect(said({ provider: 'sendgrid', purpose: 'x', federate: {} }).join()).toMatch(
    /support-bot\/sendgrid: federate \{\} has no effect for sendgrid.*use one of .*"openai"/,
  );
});

test('no two servers or environments share a trust, a name or a variable', () => {
  expect(said({ ...federated, environments: undefined }).join()).toContain('is the same trust for each');
  expect(problemsAfter(keys => void keys.servers['support-bot']!.keys.push(federated)).join('\n')).toMatch(
    /two keys would be keyturn\/prod\/openai\/support-bot\/main/,
  );
  expect(said({ ...federated, env: 'SENDGRID_API_KEY' }).join()).toContain('is set by');
});

test('types know what each provider wants', () => {
  const right: KeyInput<'prod'> = { provider: 'openai', federate, environments: { prod: { federate: {} } } };
  const wrong: KeyInput<'prod'>[] = [
    // @ts-expect-error a provider that accepts no roles
    { provider: 'sendgrid', federate },
  ];
  const environments = validKeys().environments as never;
  defineKeys({ environments, servers: { a: { team: 'x', roles: {}, keys: [right, ...wrong] } } });
});
