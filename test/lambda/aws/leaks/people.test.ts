// What `keyturn leaked` sends, and gets.
import { findHmac } from '../../../../core/leaks/matching';
import type { LeakedAnswer } from '../../../../lambda/aws/leaks/leaked-order';
import { names, setup, signalled } from './leak-report-setup';

describe('a person', () => {
  const salt = 'f'.repeat(64);
  const order = (...found: string[]) => ({
    kind: 'leaked',
    salt,
    finds: found.map(value => ({ as: 'hmac', value: findHmac(value, salt), where: '.env' })),
  });

  test('hears which keys were found, and how they are contained', async () => {
    const answer = (await setup.report(
      order('some-other-text-of-a-test', setup.secrets[names[1]!]!),
    )) as LeakedAnswer;
    expect(answer).toEqual({
      unread: 0,
      keys: [
        {
          key: 'prod/sendgrid/support-bot',
          labels: ['AWSCURRENT'],
          versionId: expect.any(String),
          finds: [findHmac(setup.secrets[names[1]!]!, salt)],
          incidentId: setup.signals[0],
        },
      ],
    });
    expect((await signalled(setup.signals[0])).cause).toMatchObject({ reporter: 'person', where: '.env' });
  });

  test('hears how many keys could not be compared', async () => {
    setup.unreadable = `keyturn/prod/${names[0]}`;
    expect(await setup.report(order('some-other-text-of-a-test'))).toEqual({ unread: 1, keys: [] });
  });

  test.each([
    ['nothing', {}],
    ['finds in clear', { ...order(), finds: [{ as: 'text', value: 'a' }] }],
    ['no salt', { ...order('a'), salt: '' }],
    ['no finds', order()],
    [
      'a place of several lines',
      { ...order(), finds: [{ as: 'hmac', value: 'a'.repeat(64), where: 'a\nb' }] },
    ],
    ['more than is known', { ...order('a'), further: 1 }],
  ])('who sends %s is refused', async (_, event) => {
    await expect(setup.report(event)).rejects.toMatchObject({ code: 'bad-event' });
    expect(setup.signals).toEqual([]);
  });
});
