import type { EnvironmentInput } from '../../../lib/config/config';

/** An environment with the fields that every one has, and no other. */
export const prod: EnvironmentInput = {
  account: '333333333333',
  region: 'eu-central-1',
  policy: 'prod',
  admins: ['arn:aws:iam::333333333333:role/admin'],
  notify: { emails: ['oncall@example.com'] },
};
