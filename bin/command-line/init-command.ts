import { type CommandDefinition, flag, flags } from './definition';

/** Also what `npm create keyturn` runs. */
export const initCommand: CommandDefinition = {
  name: 'init',
  argument: { syntax: '[directory]', as: 'directory', completes: 'file' },
  about: 'start a repository for your keys, in a new or empty folder; asks for what no flag gives',
  flags: [
    flag('--account <id>', 'the AWS account, 12 digits'),
    flag('--region <region>', 'the AWS region, such as eu-central-1'),
    flag(
      '--server <name=providers>',
      'an MCP server and its providers, such as support-bot=sendgrid,openai; repeatable',
      { default: [], repeats: true },
    ),
    flag('--env <environment>', 'the name of the environment', { default: 'prod' }),
    flags.json,
  ],
  examples: [
    ['npx keyturn init my-keys', 'ask for everything'],
    [
      'npx keyturn init my-keys --account 333333333333 --region eu-central-1 --server support-bot=sendgrid',
      'ask for nothing',
    ],
  ],
  load: async () => (await import('../commands/init')).init,
};
