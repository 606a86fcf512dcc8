// A configuration of any size, in one environment.
import type { KeyInput, KeysInput } from '../lib/config';

const keysPerServer = 25;
const role = (name: string) => `arn:aws:iam::111111111111:role/${name}`;

const kinds: ((purpose: string) => KeyInput)[] = [
  purpose => ({ provider: 'sendgrid', purpose, scopes: ['mail.send'] }),
  purpose => ({ provider: 'openai', purpose, settings: { project: 'proj_bench' } }),
  purpose => ({ provider: 'self-issued', purpose }),
];

/** @param change what all keys have besides */
export function manyKeys(count: number, change: object = {}): KeysInput {
  const servers = Array.from({ length: Math.ceil(count / keysPerServer) }, (_, server) => {
    const name = `server-${server}`;
    const size = Math.min(keysPerServer, count - server * keysPerServer);
    const keys = Array.from({ length: size }, (_, key) => ({
      ...kinds[key % kinds.length]!(`purpose-${key}`),
      ...change,
    }));
    return [name, { team: 'bench', roles: { bench: role(name) }, keys }];
  });
  return {
    environments: {
      bench: {
        account: '111111111111',
        region: 'eu-central-1',
        policy: 'non-prod',
        admins: [role('platform-admin')],
        notify: { emails: ['oncall@example.com'] },
      },
    },
    servers: Object.fromEntries(servers),
  } as KeysInput;
}
