import type { KeysInput } from '../../../../lib/config/config';
import { crowdedWindows } from '../../../../lib/config/rules/crowding';
import { validateConfig } from '../../../../lib/config/validate-config';
import { validKeys } from '../../support/broken-config';

/** Keys of one server that share a place for the clock: one window a day, on one day of the week. */
function prodWith(count: number, servers = 1) {
  const keys = validKeys();
  keys.environments.prod!.businessHours = { timeZone: 'UTC', days: ['mon'], from: 9, to: 11 };
  keys.servers = Object.fromEntries(
    Array.from({ length: servers }, (_, s) => [
      `server-${s}`,
      {
        team: 'support',
        roles: { prod: `arn:aws:iam::333333333333:role/server-${s}` },
        keys: Array.from({ length: count }, (_, i) => ({
          provider: 'sendgrid',
          purpose: `p${i}`,
          scopes: ['mail.send'],
          rotateEvery: 'weekly',
        })),
      },
    ]),
  );
  const { environments } = validateConfig(keys as unknown as KeysInput);
  return environments.find(({ name }) => name === 'prod')!;
}

test('five keys of a server in one window are too many, and the warning names them', () => {
  expect(crowdedWindows(prodWith(5))).toEqual([
    '5 keys of server server-0 can rotate in the same hour, more than 4; give some of them another rotateEvery: prod/sendgrid/server-0/p0, prod/sendgrid/server-0/p1, prod/sendgrid/server-0/p2, prod/sendgrid/server-0/p3, prod/sendgrid/server-0/p4',
  ]);
});

test('four are fine', () => {
  expect(crowdedWindows(prodWith(4))).toEqual([]);
});

test('eleven keys of a provider in one window are too many, whoever has them', () => {
  const warnings = crowdedWindows(prodWith(1, 11));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /^11 keys of provider sendgrid can rotate in the same hour, more than 10; .*prod\/sendgrid\/server-10\/p0$/,
  );
  expect(crowdedWindows(prodWith(1, 10))).toEqual([]);
});
