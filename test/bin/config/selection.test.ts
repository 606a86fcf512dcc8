import { allCommands } from '../../../bin/command-line/all-commands';
import {
  findKey,
  selectEnvironment,
  selectEverywhere,
  selectKeys,
  selectRecords,
  selectWithDeployed,
} from '../../../bin/config/selection';
import { shortName } from '../../../core/key/key-address';
import { validateConfig } from '../../../lib/config/validate-config';
import { keys } from '../support/keys';

const config = validateConfig(keys);
const prod = selectEnvironment(config, { env: 'prod' });
const prodKey = findKey(prod, 'sendgrid/support-bot');

describe('keys are found', () => {
  it.each([
    ['support-bot/sendgrid', 'prod/sendgrid/support-bot'],
    ['sendgrid/support-bot', 'prod/sendgrid/support-bot'],
    ['prod/sendgrid/support-bot', 'prod/sendgrid/support-bot'],
    ['prod/support-bot/sendgrid', 'prod/sendgrid/support-bot'],
    ['prod/sendgrid/support-bot/main', 'prod/sendgrid/support-bot'],
    ['keyturn/prod/sendgrid/support-bot/main', 'prod/sendgrid/support-bot'],
    ['support-bot/self-issued/clients', 'prod/self-issued/support-bot/clients'],
    ['prod/self-issued/support-bot/clients', 'prod/self-issued/support-bot/clients'],
  ])('%s', (typed, name) => {
    expect(shortName(findKey(prod, typed).address)).toBe(name);
  });

  it('by flags, each of which narrows', () => {
    const names = (flags: object) => selectKeys(prod, [], flags).map(key => shortName(key.address));
    expect(names({})).toHaveLength(5);
    expect(names({ team: 'support', provider: 'openai' })).toEqual(['prod/openai/support-bot']);
    expect(names({ server: 'people-bot' })).toEqual(['prod/auth0/people-bot', 'prod/github-app/people-bot']);
  });

  it('once, however often they are named', () => {
    expect(selectKeys(prod, ['support-bot/sendgrid', 'prod/sendgrid/support-bot'], {})).toHaveLength(1);
  });
});

describe('what is not there is said, with the nearest that is', () => {
  it.each([
    [
      'suport-bot/sendgrid',
      '"suport-bot/sendgrid" is not a key of prod; did you mean prod/sendgrid/support-bot?',
    ],
    [
      'prod/sendgird/support-bot',
      '"prod/sendgird/support-bot" is not a key of prod; did you mean prod/sendgrid/support-bot?',
    ],
    ['x', '"x" is not a key of prod; `npx keyturn plan --env prod` shows them all'],
    [
      'support-bot/self-issued',
      '"support-bot/self-issued" is not a key of prod; did you mean prod/self-issued/support-bot/clients?',
    ],
  ])('%s', (typed, message) => {
    expect(() => findKey(prod, typed)).toThrow(message);
  });

  it('where flags leave nothing', () => {
    expect(() => selectKeys(prod, [], { server: 'people-bot', team: 'support' })).toThrow(
      'no key of prod is of server people-bot and team support; `npx keyturn plan --env prod` shows them all',
    );
  });
});

describe('the environment', () => {
  it('is told by --env, or by the first part of a key', () => {
    expect(selectEnvironment(config, { env: 'staging' }).name).toBe('staging');
    expect(selectEnvironment(config, {}, ['prod/sendgrid/support-bot']).name).toBe('prod');
    expect(selectEnvironment(config, {}, ['keyturn/prod/sendgrid/support-bot/main']).name).toBe('prod');
  });

  it('is not another whose name begins with it, or that it begins with', () => {
    const prodEu = { ...prod, name: 'prod-eu' };
    for (const environments of [
      [prod, prodEu],
      [prodEu, prod],
    ]) {
      expect(selectEnvironment({ environments }, { env: 'prod' })).toBe(prod);
      expect(selectEnvironment({ environments }, { env: 'prod-eu' })).toBe(prodEu);
      expect(selectEnvironment({ environments }, {}, ['prod/sendgrid/support-bot'])).toBe(prod);
      expect(selectEnvironment({ environments }, {}, ['prod-eu/sendgrid/support-bot'])).toBe(prodEu);
    }
    expect(() => selectEnvironment({ environments: [prodEu] }, { env: 'prod' })).toThrow(
      '"prod" is not a known environment',
    );
  });

  it('needs not be told where there is one', () => {
    expect(selectEnvironment({ environments: [prod] }, {}).name).toBe('prod');
  });

  it('is never guessed', () => {
    expect(() => selectEnvironment(config, {}, ['support-bot/sendgrid'])).toThrow(
      'no environment is selected; add --env with one of prod, staging',
    );
    expect(() => selectEnvironment(config, {}, ['prod/a/b', 'staging/a/b'])).toThrow(
      'the keys are in prod and staging; run this once for each environment',
    );
  });
});

describe('what the configuration has no more is found by flags, too', () => {
  const address = { environment: 'prod', provider: 'stripe', server: 'old-bot', purpose: 'main' };
  const leftOver = { address, team: 'finance' };

  it.each([{ server: 'old-bot' }, { provider: 'stripe' }, { team: 'finance' }])('%o', flags => {
    expect(selectWithDeployed(prod, [leftOver], flags)).toEqual({ configured: [], deployed: [leftOver] });
    const teams = new Map([['prod/stripe/old-bot', 'finance']]);
    expect(selectRecords(prod, [leftOver, { ...leftOver, address: prodKey.address }], flags, teams)).toEqual([
      leftOver,
    ]);
  });

  it('and a name that neither has is an error', () => {
    expect(() => selectWithDeployed(prod, [leftOver], { team: 'finanze' })).toThrow(
      '"finanze" is not a known team; did you mean "finance"?',
    );
    expect(() => selectRecords(prod, [], { team: 'finance' })).toThrow(
      '"finance" is not a known team; use one of support, people',
    );
    expect(() => selectWithDeployed(prod, [leftOver], { team: '' })).toThrow('"" is not a known team');
  });

  it('where nothing is left of both, it is said', () => {
    expect(() => selectWithDeployed(prod, [leftOver], { server: 'old-bot', team: 'support' })).toThrow(
      'no key of prod is of server old-bot and team support; `npx keyturn status --env prod` shows them all',
    );
  });

  it('of records none is an answer', () => {
    expect(selectRecords(prod, [], { team: 'people' })).toEqual([]);
  });
});

describe('of all environments', () => {
  it('each that has such keys is there', () => {
    const names = (flags: object) =>
      selectEverywhere(config, flags).map(({ environment }) => environment.name);
    expect(names({})).toEqual(['prod', 'staging']);
    expect(names({ team: 'people' })).toEqual(['prod']);
    expect(names({ provider: 'sendgrid' })).toEqual(['prod', 'staging']);
  });

  it('a region leaves only those there, and is an error for one that is elsewhere', () => {
    const there = (flags: object) =>
      selectEverywhere(config, flags).map(({ environment }) => environment.region);
    const [prod] = config.environments;
    expect(new Set(there({ region: prod!.region }))).toEqual(new Set([prod!.region]));
    expect(there({ region: 'af-south-1' })).toEqual([]);
    expect(() => selectEverywhere(config, { env: 'prod', region: 'af-south-1' })).toThrow(
      `prod is in ${prod!.region}, not in af-south-1`,
    );
  });

  it('and where no key is left, it is said', () => {
    expect(() => selectEverywhere(config, { server: 'people-bot', provider: 'sendgrid' })).toThrow(
      'no key is of server people-bot and provider sendgrid; `npx keyturn plan` shows them all',
    );
    expect(() => selectEverywhere(config, { provider: 'sendgird' })).toThrow('did you mean "sendgrid"?');
  });
});

describe('every command that lists keys or acts on several', () => {
  /** About one key or one provider that is named, about none or unknown ones, or of a server that has its own meaning. */
  const others = [
    ...[
      'adopt',
      'rollback',
      'silence',
      'test-alarm',
      'issuer set',
      'leaked',
      'leaked set-token',
      'connector new',
      'federation disable',
    ],
    ...[
      'init',
      'whoami',
      'providers',
      'completion',
      'complete',
      'grants',
      'rehearse',
      'doctor',
      'run',
      'agent',
      'broker',
      'mcp',
      'discover',
      'why',
    ],
  ];
  const commands = allCommands().filter(({ name }) => !others.includes(name) && !name.startsWith('sandbox'));
  it.each(commands.map(each => [each.name, each] as const))(
    '%s takes --server, --provider and --team',
    (_, { flags }) => {
      const names = flags.map(({ option }) => option.long);
      expect(names).toEqual(expect.arrayContaining(['--server', '--provider', '--team', '--env']));
    },
  );
});
