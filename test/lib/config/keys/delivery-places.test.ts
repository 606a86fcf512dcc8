// Where keys are delivered, as a configuration says it: what each key gets, and the words for each mistake.
import { validateConfig } from '../../../../lib/config/validate-config';
import { targets } from '../../../../targets/targets';
import { validKeys } from '../../support/broken-config';

type Places = unknown;

/** @param ofServer what the server says @param ofKey what its first key says, everywhere or in prod */
function read(ofServer: Places, ofKey?: Places, inProd?: Places) {
  const input = validKeys();
  const bot = input.servers['support-bot']!;
  if (ofServer !== undefined) Object.assign(bot, { deliverTo: ofServer });
  const [first] = bot.keys;
  if (ofKey !== undefined) Object.assign(first!, { deliverTo: ofKey });
  if (inProd !== undefined) Object.assign(first!, { environments: { prod: { deliverTo: inProd } } });
  const { environments } = validateConfig(input as never);
  const prod = environments.find(({ name }) => name === 'prod')!;
  return prod.servers.find(({ name }) => name === 'support-bot')!.keys.map(({ spec }) => spec.deliverTo);
}

const ecs = { to: 'ecs', cluster: 'mcp', service: 'bot' };
const ssm = { to: 'ssm', parameter: '/bot/key' };
const github = { to: 'github-actions', repository: 'example/reports', secret: 'API_KEY' };
const worker = { to: 'cloudflare-worker', account: 'a'.repeat(32), worker: 'bot', secret: 'API_KEY' };
const problem = (...places: Parameters<typeof read>) => {
  try {
    read(...places);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};

test('a server says it for all its keys, and a key for itself, also that it is delivered nowhere', () => {
  const all = read({ prod: [ecs] });
  expect(new Set(all.map(places => JSON.stringify(places)))).toEqual(new Set([JSON.stringify([ecs])]));
  expect(read({ prod: [ecs] }, [ssm])[0]).toEqual([ssm]);
  expect(read({ prod: [ecs] }, [])[0]).toBeUndefined();
  expect(read(undefined, [ecs], [ssm])[0]).toEqual([ssm]);
  expect(read(undefined).every(places => places === undefined)).toBe(true);
});

test.each<[string, Parameters<typeof read>, RegExp]>([
  ['no list', [undefined, 'ecs'], /deliverTo "ecs" is not a list; write it like \[\{ to: 'ecs'/],
  ['no place', [undefined, ['ecs']], /deliverTo\[0\] "ecs" is not a place; write it like \{"to":"ecs"/],
  [
    'no kind',
    [undefined, [{ cluster: 'mcp' }]],
    /deliverTo\[0\]\.to is missing; use one of "ecs", "lambda", "agentcore-runtime", "agentcore-identity", "ssm", "github-actions", "cloudflare-worker"/,
  ],
  ['an unknown kind', [undefined, [{ ...ecs, to: 'esc' }]], /deliverTo\[0\]\.to "esc" is unknown; use "ecs"/],
  [
    'a field too few',
    [undefined, [{ to: 'ecs', cluster: 'mcp' }]],
    /deliverTo\[0\]: service is missing; write it as ECS does/,
  ],
  [
    'a field too many',
    [undefined, [ssm, { ...ecs, servce: 'b' }]],
    /deliverTo\[1\]: "servce" is not a field; use "service"/,
  ],
  [
    'a name that cannot be',
    [undefined, [{ ...ecs, service: 'a/b' }]],
    /deliverTo\[0\]: service "a\/b" is not the name of a service/,
  ],
  [
    'a parameter without a slash',
    [undefined, [{ to: 'ssm', parameter: 'key' }]],
    /parameter "key" is not the name of a parameter; write it with a slash/,
  ],
  [
    'a parameter of AWS',
    [undefined, [{ to: 'ssm', parameter: '/aws/key' }]],
    /parameter "\/aws\/key" is not the name of a parameter/,
  ],
  [
    'a function of Keyturn',
    [undefined, [{ to: 'lambda', function: 'keyturn-prod-retire' }]],
    /function "keyturn-prod-retire" is not the name of one of your functions/,
  ],
  [
    'a version in place of an alias',
    [undefined, [{ to: 'lambda', function: 'bot', alias: '7' }]],
    /alias "7" is not the name of an alias/,
  ],
  [
    'a runtime without its ending',
    [undefined, [{ to: 'agentcore-runtime', runtime: 'bot' }]],
    /runtime "bot" is not the ID of a runtime; write it with the suffix/,
  ],
  [
    'the ARN of a credential provider',
    [undefined, [{ to: 'agentcore-identity', credentialProvider: 'arn:aws:a' }]],
    /credentialProvider "arn:aws:a" is not the name of a credential provider/,
  ],
  [
    'a repository without its owner',
    [undefined, [{ ...github, repository: 'reports' }]],
    /deliverTo\[0\]: repository "reports" is not a repository; write its owner and its name, such as 'example\/reports'/,
  ],
  [
    'a repository that leads elsewhere',
    [undefined, [{ ...github, repository: 'example/..' }]],
    /repository "example\/\.\." is not a repository/,
  ],
  [
    'a secret of GitHub in small letters',
    [undefined, [{ ...github, secret: 'api_key' }]],
    /secret "api_key" is not the name of a secret; write it in upper case as GitHub does/,
  ],
  [
    'a secret of GitHub that GitHub keeps for itself',
    [undefined, [{ ...github, secret: 'GITHUB_TOKEN' }]],
    /secret "GITHUB_TOKEN" is not the name of a secret/,
  ],
  [
    'an environment that leads elsewhere',
    [undefined, [{ ...github, environment: '..' }]],
    /environment "\.\." is not the name of an environment/,
  ],
  [
    'one secret of GitHub twice, in other letters',
    [undefined, [github, { ...github, repository: 'Example/Reports' }]],
    /deliverTo names the secret API_KEY of Example\/Reports at GitHub twice; name it once/,
  ],
  [
    'one secret of an environment at GitHub twice, in other letters',
    [
      undefined,
      [
        { ...github, environment: 'prod' },
        { ...github, environment: 'Prod' },
      ],
    ],
    /deliverTo names the secret API_KEY of the environment Prod of example\/reports at GitHub twice; name it once/,
  ],
  [
    'the name of an account of Cloudflare',
    [undefined, [{ ...worker, account: 'example' }]],
    /account "example" is not the ID of an account; copy it from the dashboard/,
  ],
  [
    'the address of a Worker',
    [undefined, [{ ...worker, worker: 'bot.example.workers.dev' }]],
    /worker "bot\.example\.workers\.dev" is not the name of a Worker/,
  ],
  [
    'one secret of a Worker for all keys',
    [{ prod: [worker] }],
    /deliverTo brings each to the secret API_KEY of the Cloudflare Worker bot, which holds only one key/,
  ],
  [
    'one secret of a Worker for all environments of a key',
    [undefined, [worker]],
    /deliverTo brings each to the secret API_KEY of the Cloudflare Worker bot, which holds only one key; give each key a place of its own/,
  ],
  [
    'one twice',
    [undefined, [ecs, ecs]],
    /deliverTo names the ECS service bot of the cluster mcp twice; name it once/,
  ],
  [
    'an environment that there is not',
    [{ prd: [ecs] }],
    /deliverTo: "prd" is not an environment of this server; use "prod"/,
  ],
  [
    'one parameter for all keys',
    [{ prod: [ssm] }],
    /deliverTo brings each to the SSM parameter \/bot\/key, which holds only one key; give each key a place of its own/,
  ],
])('%s is told with its place, its value and the fix', (_, places, text) => {
  expect(problem(...places)).toMatch(text);
});

test('one parameter for two environments is one where they share an account and a region', () => {
  const problemOf = (staging: Record<string, unknown>) => {
    const input = validKeys();
    Object.assign(input.environments.staging!, staging);
    Object.assign(input.servers['support-bot']!.keys[0]!, { deliverTo: [ssm] });
    try {
      validateConfig(input as never);
    } catch (error) {
      return (error as Error).message;
    }
    return 'no problem';
  };
  const { account } = validKeys().environments.prod!;
  const shared = /deliverTo brings each to the SSM parameter \/bot\/key/;
  expect(problemOf({})).toBe('no problem');
  expect(problemOf({ account })).toMatch(shared);
  expect(problemOf({ account, region: 'eu-north-1' })).not.toMatch(shared);
});

test('a key whose overlap ends before a place can have it is refused, and one of a day is not', () => {
  const runtime = { to: 'agentcore-runtime', runtime: 'bot-a1B2c3D4e5' };
  const input = validKeys();
  const [first] = input.servers['support-bot']!.keys;
  const overlap = (overlapHours: number) => () => {
    Object.assign(first!, { deliverTo: [ecs, runtime], overlapHours });
    validateConfig(input as never);
  };
  expect(overlap(8)).toThrow(
    'overlapHours 8 is too short for the AgentCore runtime bot-a1B2c3D4e5, where work that has already started keeps the previous key for up to 9 hours; use at least 9',
  );
  expect(overlap(9)).not.toThrow();
});

test('what is delivered says with which role its server reads it, and what is not does not', () => {
  const input = validKeys();
  const bot = input.servers['support-bot']!;
  Object.assign(bot.keys[0]!, { deliverTo: [ecs] });
  const { environments } = validateConfig(input as never);
  const server = environments
    .find(({ name }) => name === 'prod')!
    .servers.find(({ name }) => name === 'support-bot')!;
  expect(server.keys.map(({ spec }) => spec.readBy)).toEqual([
    server.role,
    ...server.keys.slice(1).map(() => undefined),
  ]);
  expect(server.role).toMatch(/^arn:/);
});

test.each(Object.entries(targets))(
  'the example of %s is one, has a title and an id of its own',
  (to, target) => {
    expect(target.shape.safeParse(target.example).success).toBe(true);
    expect([target.to, target.example.to]).toEqual([to, to]);
    const home = { partition: 'aws', account: '111111111111', region: 'eu-west-1' };
    const example = target.example as never;
    for (const { resources, wildcard } of target.grants(example, home))
      expect([resources.some(each => each.includes('*')), Boolean(wildcard)]).toEqual([
        Boolean(wildcard),
        Boolean(wildcard),
      ]);
    expect(target.titleOf(example)).toMatch(/^the /);
    expect(target.idOf(example)).toMatch(new RegExp(`^${to}/`));
  },
);
