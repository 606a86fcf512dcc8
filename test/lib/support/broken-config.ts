// A valid configuration to break: small, but with a key of every kind that a rule looks at.
import type { KeysInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';

/** As loose as what a person may write. */
export interface Loose {
  environments: Record<string, Record<string, unknown>>;
  servers: Record<
    string,
    { team?: unknown; roles: Record<string, unknown>; keys: Record<string, unknown>[] }
  >;
  [field: string]: unknown;
}

export type Change = (keys: Loose, sendgrid: Record<string, unknown>) => void;
/** What is broken, how, and the lines that say so. */
export type Rule = [name: string, change: Change, ...says: string[]];

export function validKeys(): Loose {
  return {
    environments: {
      staging: {
        account: '222222222222',
        region: 'eu-central-1',
        policy: 'non-prod',
        admins: ['arn:aws:iam::222222222222:role/platform-admin'],
        notify: { emails: ['mcp-dev@example.com'] },
      },
      prod: {
        account: '333333333333',
        region: 'eu-central-1',
        policy: 'prod',
        admins: ['arn:aws:iam::333333333333:role/platform-admin'],
        notify: { emails: ['mcp-oncall@example.com'] },
      },
    },
    servers: {
      'support-bot': {
        team: 'support',
        roles: {
          staging: 'arn:aws:iam::222222222222:role/support-bot',
          prod: 'arn:aws:iam::333333333333:role/support-bot',
        },
        keys: [
          { provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
          { provider: 'openai', settings: { project: 'proj_support' }, env: 'OPENAI_API_KEY' },
        ],
      },
    },
  };
}

/** What a person is told after one change to the valid configuration: one line per problem. */
export function problemsAfter(change: Change): string[] {
  const keys = validKeys();
  change(keys, keys.servers['support-bot']!.keys[0]!);
  try {
    validateConfig(keys as unknown as KeysInput);
  } catch (error) {
    if ((error as { code?: string }).code !== 'bad-config') throw error;
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map(line => line.trim());
  }
  return [];
}
