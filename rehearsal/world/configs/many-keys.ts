// A configuration of any size, in one environment.
import type { KeyInput, KeysInput } from '../../../lib/config/config';
import { needed } from '../needed';

const keysPerServer = 25;
const account = '111111111111';
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;

type KeyKind = (purpose: string) => KeyInput;

/** As an environment of many keys has them: each with a variable, one in three of tier high. */
export const usualKinds: KeyKind[] = [
  purpose => ({ provider: 'sendgrid', purpose, scopes: ['mail.send'], env: variable('SENDGRID', purpose) }),
  purpose => ({
    provider: 'openai',
    purpose,
    tier: 'high',
    settings: { project: 'proj_bench' },
    env: variable('OPENAI', purpose),
  }),
  purpose => ({ provider: 'self-issued', purpose, env: variable('CLIENT', purpose) }),
];

const variable = (of: string, purpose: string) => `${of}_${purpose.toUpperCase().replaceAll('-', '_')}`;

const fewKinds: KeyKind[] = [
  purpose => ({ provider: 'sendgrid', purpose, scopes: ['mail.send'] }),
  purpose => ({ provider: 'openai', purpose, settings: { project: 'proj_bench' } }),
  purpose => ({ provider: 'self-issued', purpose }),
];

export interface ManyKeys {
  count: number;
  /** @default bench */
  environment?: string;
  /** @default non-prod */
  policy?: 'prod' | 'non-prod';
  /** What the keys are, in turns. @default - of three providers */
  kinds?: KeyKind[];
  /** What all keys have besides. */
  change?: object;
}

export function manyKeys(wanted: ManyKeys): KeysInput {
  const { count, environment = 'bench', policy = 'non-prod', kinds = fewKinds, change = {} } = wanted;
  const servers = Array.from({ length: Math.ceil(count / keysPerServer) }, (_, server) => {
    const name = `server-${server}`;
    const first = server * keysPerServer;
    const keys = Array.from({ length: Math.min(keysPerServer, count - first) }, (_, key) => ({
      ...needed(kinds[(first + key) % kinds.length], 'a kind of key')(`purpose-${key}`),
      ...change,
    }));
    return [name, { team: 'bench', roles: { [environment]: role(name) }, keys }];
  });
  return {
    environments: {
      [environment]: {
        account,
        region: 'eu-central-1',
        policy,
        admins: [role('platform-admin')],
        notify: { emails: ['oncall@example.com'] },
        trail: 'exists',
      },
    },
    servers: Object.fromEntries(servers),
  } as KeysInput;
}
