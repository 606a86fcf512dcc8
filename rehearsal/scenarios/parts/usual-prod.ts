// The production environment of scenarios that bring servers of their own.
import type { KeysInput } from '../../../lib/config/config';

const account = '111111111111';

export const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;

export const usualProd = (servers: KeysInput['servers']): KeysInput => ({
  environments: {
    prod: {
      account,
      region: 'eu-central-1',
      policy: 'prod',
      admins: [role('platform-admin')],
      notify: { emails: ['oncall@example.com'] },
      trail: 'create',
    },
  },
  servers,
});
