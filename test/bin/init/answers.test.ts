import { type Answers, answersOf, type InitFlags } from '../../../bin/init/answers';

const whole: InitFlags = {
  env: 'prod',
  account: '111122223333',
  region: 'eu-central-1',
  server: ['support-bot=sendgrid,openai'],
};
const answers: Answers = {
  environment: 'prod',
  account: '111122223333',
  region: 'eu-central-1',
  servers: [{ name: 'support-bot', providers: ['sendgrid', 'openai'] }],
};

test('flags tell everything, and nobody is asked', async () => {
  const ask = jest.fn();
  expect(await answersOf(whole, ask)).toEqual(answers);
  expect(await answersOf(whole)).toEqual(answers);
  expect(ask).not.toHaveBeenCalled();
});

test.each<[Partial<InitFlags>, string]>([
  [{ account: '12' }, '--account "12" is not an AWS account'],
  [{ account: '1111222233334' }, '--account "1111222233334" is not an AWS account'],
  [{ account: '11112222333x' }, 'is not an AWS account'],
  [{ account: '' }, '--account "" is not an AWS account'],
  [{ region: 'eu-centrl-1' }, '--region "eu-centrl-1" is not an AWS region; use "eu-central-1"'],
  [{ region: 'eu-central-1a' }, 'is not an AWS region'],
  [{ server: ['a=sendgrd'] }, '"sendgrd" is not a provider that Keyturn knows; use "sendgrid"'],
  [{ server: ['a=github'] }, '"github" is not a provider that Keyturn knows; use "github-app"'],
  [{ server: ['a=oauth'] }, 'use "oauth-client"'],
  [{ server: ['a=constructor'] }, '"constructor" is not a provider'],
  [{ server: ['a'] }, '--server "a" names no provider; write it like --server a=sendgrid,openai'],
  [{ server: ['a='] }, 'a has no provider'],
  [{ server: ['=sendgrid'] }, '--server "" cannot be part of a name'],
  [{ server: ['Support Bot=sendgrid'] }, 'cannot be part of a name'],
  [{ server: ['a=sendgrid', 'a=openai'] }, '"a" is named twice'],
  [{ env: 'Prod' }, '--env "Prod" cannot be part of a name'],
  [{ account: undefined, region: undefined, server: [] }, '--account, --region, --server must be given'],
])('%j is refused', async (change, message) => {
  await expect(answersOf({ ...whole, ...change })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(message),
  });
});

test('what no flag tells is asked for, until it is right', async () => {
  const typed = [
    '12',
    '111122223333',
    'mars-1',
    'eu-central-1',
    '',
    'a, a',
    'support-bot',
    'sendgird',
    'sendgrid openai',
  ];
  const questions: string[] = [];
  const said: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return typed.shift() ?? fail('asked too often');
  };
  expect(await answersOf({ env: 'prod', server: [] }, ask, text => said.push(text))).toEqual(answers);
  expect(typed).toEqual([]);
  expect(questions).toHaveLength(9);
  expect(said).toEqual([
    expect.stringContaining('"12" is not an AWS account'),
    expect.stringContaining('"mars-1" is not an AWS region'),
    expect.stringContaining('cannot be part of a name'),
    expect.stringContaining('"a" is named twice'),
    expect.stringMatching(/^Providers that Keyturn knows: airtable, .*, verdaccio\n$/),
    expect.stringContaining('use "sendgrid"'),
  ]);
});

function fail(message: string): never {
  throw new Error(message);
}
