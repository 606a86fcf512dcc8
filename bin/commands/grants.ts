import { type AddedPolicy, type Grants, grantsOf } from '../../lib/stacks/grants';
import { loadConfig } from '../config/load-config';
import { selectEnvironment } from '../config/selection';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';

/** What others have to allow before an environment can be deployed. Does not call AWS. */
export const grants: Command<CommonFlags & { env?: string }> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const found = grantsOf(environment);
  const parts = inWords(found);
  const text = parts.length
    ? parts.join('\n')
    : `${environment.name}: no one else has to grant anything for its options\n`;
  print(context, flags, { environment: environment.name, ...found }, text);
  return exitCode.done;
};

function inWords({ kmsKey, topics, topicKeys, serverRoles }: Grants): string[] {
  return [
    ...(kmsKey
      ? [
          `Add these statements to the policy of ${kmsKey.to}. They replace what an earlier deploy asked for; with them, only Keyturn encrypts secrets of this environment.`,
          statementsOf(kmsKey),
        ]
      : []),
    ...[...topics, ...topicKeys].flatMap(policy => [
      `Add to the policy of ${policy.to}, so that messages of this environment can reach it:`,
      statementsOf(policy),
    ]),
    ...serverRoles.flatMap(role => [
      `Add to the policies of ${role.to}, which ${role.server} runs as; and set KEYTURN_ROLE for the server to the role that the statement names.`,
      statementsOf(role),
    ]),
  ];
}

function statementsOf({ statements }: AddedPolicy): string {
  return `${JSON.stringify(statements, undefined, 2)}\n`;
}
