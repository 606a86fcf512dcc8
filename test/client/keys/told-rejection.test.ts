// Some providers answer a dead key by another 4xx than 401: the library goes by the words that their connectors know.
import type { Key } from '../../../client';
import { mayTellRejection } from '../../../client/keys/told-rejection';
import { openSecrets, type SecretsSetup } from '../../support/secrets';

let secrets: SecretsSetup;
beforeEach(async () => {
  secrets = await openSecrets();
  secrets.addSecret('resend');
  await secrets.put('resend', 'FAKESECRET-1');
  await secrets.keys.use('resend', () => 'read');
  await secrets.put('resend', 'FAKESECRET-2');
});
afterEach(() => secrets.close());

const json = (status: number, body: unknown, type = 'application/json; charset=utf-8') =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });

/** @returns the secrets that were shown, and what came of it */
async function used(dead: () => unknown) {
  const shown: string[] = [];
  const answer = await secrets.keys.use('resend', ({ secret }: Key) => {
    shown.push(secret.replace('FAKESECRET-', ''));
    return secret === 'FAKESECRET-1' ? dead() : json(200, { id: 'sent' });
  });
  return { shown, answer: answer as Response };
}

const dead = { name: 'validation_error', message: 'API key is invalid' };

it.each<[string, () => unknown]>([
  ['400 and its words', () => json(400, dead)],
  ['403 and its words', () => json(403, { name: 'invalid_api_key', message: 'x' })],
])('calls again where Resend says %s', async (_, answer) => {
  const { shown, answer: last } = await used(answer);
  expect([shown, await last.json()]).toEqual([['1', '2'], { id: 'sent' }]);
  expect(secrets.counts('resend')).toMatchObject({ authFailures: 1 });
});

it.each<[string, () => Response]>([
  [
    'another mistake of the request',
    () => json(400, { name: 'validation_error', message: 'The to field is missing.' }),
  ],
  ['words for another status', () => json(403, dead)],
  ['a key that may not do this', () => json(403, { name: 'restricted_api_key', message: 'x' })],
  ['words that are no JSON', () => json(400, dead, 'text/html')],
  [
    'what is not whole',
    () => new Response('{"name":', { status: 400, headers: { 'content-type': 'application/json' } }),
  ],
  ['words with a status of success', () => json(200, dead)],
])('does not where it answers with %s, and hands the answer on unread', async (_, answer) => {
  const { shown, answer: last } = await used(answer);
  expect(shown).toEqual(['1']);
  expect(await last.text()).toBe(await answer().text());
});

it('takes nothing from a body that the caller has read: that is what KeyRejected is for', async () => {
  const { shown } = await used(async () => {
    const answer = json(400, dead);
    await answer.text();
    return answer;
  });
  expect(shown).toEqual(['1']);
});

it('knows the words of a provider that answers a dead key by 422', async () => {
  secrets.addSecret('brave-search');
  await secrets.put('brave-search', 'FAKESECRET-1');
  await secrets.keys.use('brave-search', () => 'read');
  await secrets.put('brave-search', 'FAKESECRET-2');
  const error = {
    code: 'SUBSCRIPTION_TOKEN_INVALID',
    detail: 'The provided subscription token is invalid.',
  };
  const answer = await secrets.keys.use('brave-search', ({ secret }) =>
    secret === 'FAKESECRET-1' ? json(422, { type: 'ErrorResponse', error }) : json(200, {}),
  );
  expect(answer.status).toBe(200);
});

it.each([
  [399, false],
  [400, true],
  [401, false],
  [402, true],
  [499, true],
  [500, false],
])('reads the words behind a status of %d: %s', (status, isRead) => {
  expect(mayTellRejection(status)).toBe(isRead);
});
