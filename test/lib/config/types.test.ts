// What an editor and `tsc` refuse before any rule runs: an expected error that does not come fails `npm run types`.
import type { KeyInput } from '../../../lib/config/config';
import { defineKeys } from '../../../lib/config/define-keys';
import { prod } from '../support/prod';

const environments = { prod };
const key = { provider: 'openai', settings: { project: 'proj_x' } } as const;

test('types know providers, tiers, intervals, environments and settings', () => {
  const right: KeyInput<'prod'> = { ...key, environments: { prod: { settings: { project: 'proj_y' } } } };
  const wrong: KeyInput<'prod'>[] = [
    // @ts-expect-error unknown provider
    { provider: 'opneai' },
    // @ts-expect-error settings of another provider
    { provider: 'openai', settings: { region: 'eu' } },
    // @ts-expect-error unknown tier
    { ...key, tier: 'highest' },
    // @ts-expect-error unknown interval
    { ...key, rotateEvery: 'hourly' },
    // @ts-expect-error misspelt field
    { ...key, scope: [] },
    // @ts-expect-error environment that does not exist
    { ...key, environments: { dev: {} } },
  ];
  defineKeys({ environments, servers: { a: { team: 'x', roles: { prod: 'x' }, keys: [right] } } });
  // @ts-expect-error role in an environment that does not exist
  defineKeys({ environments, servers: { a: { team: 'x', roles: { prd: 'x' }, keys: wrong } } });
});
