// config/keys.ts of a new repository, as an object that the rules can check, and as the text that a person goes on with.

import { partitionOf } from '../../lib/config/aws/regions';
import type { KeysInput } from '../../lib/config/config';
import { isProductionName } from '../config/server-variables';
import type { Answers } from './answers';
import { firstKey } from './first-keys';

const longestLine = 100;

/** What stands in the file. */
export function keysInputOf(answers: Answers): KeysInput {
  const { environment, servers } = answers;
  return {
    environments: { [environment]: environmentOf(answers) },
    servers: Object.fromEntries(
      servers.map(({ name, providers }) => [
        name,
        { ...serverOf(answers, name), keys: providers.map(provider => firstKey(provider, name).key) },
      ]),
    ),
  };
}

export function keysFileOf(answers: Answers): string {
  const { environment, servers } = answers;
  const { account, region, policy, admins, notify, trail } = environmentOf(answers);
  const text = (value: unknown) => typescriptOf(value, 3);
  return `// Which MCP servers have keys, where, and how they rotate. Your editor completes this file, and \`npx keyturn plan\` checks it.
//
// - Names of environments, servers and purposes are frozen once deployed: another name is another key.
// - Secrets never come here. Keyturn makes the keys; a provider's admin credential is set with \`npx keyturn issuer set\`.
import { defineKeys } from 'keyturn/config';

export const keys = defineKeys({
  environments: {
    ${typescriptOf(environment, 2, 'name')}: {
      account: ${text(account)},
      region: ${text(region)},
      policy: ${text(policy)},
      // Replace: the roles of the people who administer keys. With IAM Identity Center:
      // role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_<permission set>_*
      admins: ${text(admins)},
      // Replace: who gets the messages to on-call.
      notify: ${text(notify)},
      // The organization's trail, or the account's, tells who reads which secret; \`npx keyturn check\` says whether it logs what that
      // needs. Write 'create' only where there is none: AWS bills a second trail of the same management events.
      trail: ${text(trail)},
    },
  },

  servers: {
${servers.map(server => serverText(answers, server)).join('\n')}  },
});
`;
}

function serverText(answers: Answers, { name, providers }: Answers['servers'][number]): string {
  const { team, roles } = serverOf(answers, name);
  const keys = providers.map(provider => {
    const { key, replace } = firstKey(provider, name);
    const comment = replace ? `        // Replace ${replace}\n` : '';
    return `${comment}        ${typescriptOf(key, 4)},\n`;
  });
  return `    ${typescriptOf(name, 2, 'name')}: {
      team: ${typescriptOf(team, 3)},
      // Replace: the role that the server runs as. It must exist before the first deploy.
      roles: ${typescriptOf(roles, 3)},
      keys: [
${keys.join('')}      ],
    },
`;
}

function environmentOf({ environment, account, region }: Answers) {
  return {
    account,
    region,
    policy: isProductionName(environment) ? ('prod' as const) : ('non-prod' as const),
    admins: [`arn:${partitionOf(region)}:iam::${account}:role/platform-admin`],
    notify: { emails: ['oncall@example.com'] },
    trail: 'exists' as const,
  };
}

function serverOf({ environment, account, region }: Answers, name: string) {
  return {
    team: 'platform',
    roles: { [environment]: `arn:${partitionOf(region)}:iam::${account}:role/${name}` },
  };
}

/**
 * A value as a person would write it in TypeScript.
 * @param depth how far its line is indented, in steps of two
 * @param use where it is the name of a member, in quotes only if it needs them
 */
export function typescriptOf(value: unknown, depth: number, use: 'value' | 'name' = 'value'): string {
  if (typeof value === 'string') return use === 'name' && isName(value) ? value : quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = (inner: number) =>
    Array.isArray(value)
      ? value.map(each => typescriptOf(each, inner))
      : Object.entries(value).map(
          ([name, each]) => `${typescriptOf(name, inner, 'name')}: ${typescriptOf(each, inner)}`,
        );
  const pad = Array.isArray(value) ? '' : ' ';
  const line = `${open}${pad}${parts(depth + 1).join(', ')}${pad}${close}`;
  if (!line.includes('\n') && line.length + 2 * depth <= longestLine) return line;
  const indent = '  '.repeat(depth);
  return `${open}\n${parts(depth + 1)
    .map(part => `${indent}  ${part},\n`)
    .join('')}${indent}${close}`;
}

const isName = (word: string) => /^[A-Za-z_$][\w$]*$/.test(word);

/** JSON's escapes are TypeScript's, but for the kind of quote. */
function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
