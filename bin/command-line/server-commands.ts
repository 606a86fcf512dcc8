// Commands for those who run MCP servers, and for a shell that gets ready.
import { type CommandDefinition, type Flag, flag, flags } from './definition';

const { inAccount, credentials, config, json, env, dryRun } = flags;

/** Read when a command line is read: a shell may set them at any time. */
function ofServer(): Flag[] {
  const { KEYTURN_ENVIRONMENT, KEYTURN_SERVER } = process.env;
  return [
    flag('--env <environment>', 'the environment that the server runs in', {
      default: KEYTURN_ENVIRONMENT,
      completes: 'environment',
    }),
    flag('--server <server>', 'the name of the server', { default: KEYTURN_SERVER, completes: 'server' }),
    flag(
      '--key <variable=key>',
      'VARIABLE=provider[/purpose][:field] instead of the configuration; repeatable',
      {
        default: [],
        repeats: true,
      },
    ),
  ];
}

export function serverCommands(): CommandDefinition[] {
  return [
    {
      name: 'init',
      argument: { syntax: '[directory]', as: 'directory', completes: 'file' },
      about: 'start a repository for your keys, in a new or empty folder; asks for what no flag tells',
      flags: [
        flag('--account <id>', 'the AWS account, 12 digits'),
        flag('--region <region>', 'the AWS region, such as eu-central-1'),
        flag(
          '--server <name=providers>',
          'an MCP server and its providers, such as support-bot=sendgrid,openai; repeatable',
          { default: [], repeats: true },
        ),
        flag('--env <environment>', 'the name of the environment', { default: 'prod' }),
        json,
      ],
      examples: [
        ['keyturn init my-keys', 'ask for everything'],
        [
          'keyturn init my-keys --account 333333333333 --region eu-central-1 --server support-bot=sendgrid',
          'ask for nothing',
        ],
      ],
      load: async () => (await import('../commands/init')).init,
    },
    {
      name: 'whoami',
      about: 'show whose AWS credentials are in use, and which environments they reach',
      flags: [config, ...credentials, json],
      examples: [
        ['keyturn whoami', 'before anything else'],
        ['keyturn whoami --profile prod-admin', 'the same for a profile'],
      ],
      load: async () => (await import('../commands/whoami')).whoami,
    },
    {
      name: 'issuer set',
      argument: { syntax: '<provider>', as: 'provider', completes: 'provider' },
      about: 'store the admin credential of a provider; reads it from a hidden prompt or from stdin',
      flags: [...inAccount, flag('--no-verify', 'do not check it with the provider'), dryRun],
      examples: [
        ['keyturn issuer set sendgrid --env prod', 'paste it into a prompt that does not show it'],
        ['op read op://vault/sendgrid/admin | keyturn issuer set sendgrid --env prod', 'pipe it in'],
      ],
      load: async () => (await import('../commands/issuer')).issuerSet,
    },
    {
      name: 'issuer status',
      about: 'show which admin credentials are set, and since when',
      flags: [config, env, ...credentials, json],
      examples: [['keyturn issuer status --env prod', 'after the first deploy']],
      load: async () => (await import('../commands/issuer')).issuerStatus,
    },
    {
      name: 'doctor',
      about: 'find out why the keys of a server do not work; never prints a key',
      flags: [
        ...ofServer(),
        config,
        ...credentials,
        json,
        flag('--local', 'check only the variables of this shell; does not call AWS'),
        flag('--verify', 'check each key with its provider'),
        flag('--for <duration>', 'how long the keys will be needed, such as 30m or 8h'),
      ],
      examples: [
        ['keyturn doctor --env prod --server support-bot --verify', 'ask the providers, too'],
        ['keyturn doctor --env prod --server support-bot --local', 'only the variables of this shell'],
      ],
      load: async () => (await import('../commands/doctor')).doctor,
    },
    {
      name: 'run',
      argument: { syntax: '<command...>', as: 'command' },
      usage: '[options] -- <command...>',
      about:
        'run an MCP server over stdio with its keys in environment variables; when they rotate, it moves to a new process',
      flags: [
        ...ofServer(),
        config,
        ...credentials,
        flag('--json', 'with --check: print the findings as one JSON document'),
        flag('--check', 'check the keys and exit without starting the server'),
        flag('--poll <duration>', 'how often to check for new keys while the client is active', {
          default: '60s',
        }),
        flag('--fresh <duration>', 'check the keys before a call if the last check is older than this', {
          default: '3s',
        }),
        flag('--start-timeout <duration>', 'how long a new process may take to be ready', { default: '30s' }),
        flag(
          '--drain <duration>',
          'how long the old process may take to answer open requests after its key has ended',
          { default: '5m' },
        ),
        flag(
          '--stop-first',
          'end the old process before the new one starts, for servers that cannot run twice',
        ),
        flag(
          '--local <source>',
          'read the keys from prompt, keychain or an env file instead of AWS; not in production',
        ),
        flag(
          '--keep-copy <passphrase>',
          'keep an encrypted copy of the keys, for up to a day without AWS; read its passphrase from keychain or a file',
        ),
        flag('--pass-aws', 'pass the AWS credentials of this command on to the server'),
        flag('--events-queue <url>', 'an SQS queue that receives "Key Rotated" events for this process only'),
        flag('--metrics <where>', 'where metrics go: cloudwatch, stderr (lines for CloudWatch Logs) or none'),
        flag('--no-usage', 'do not count requests inside Node servers'),
      ],
      examples: [
        [
          'keyturn run --env prod --server support-bot -- npx -y some-mcp-server',
          'in the place of the server',
        ],
        [
          'keyturn run --check --env prod --server support-bot -- npx -y some-mcp-server',
          'only check its keys',
        ],
      ],
      load: async () => (await import('../commands/run')).run,
    },
    {
      name: 'completion',
      argument: { syntax: '<shell>', as: 'shell', completes: 'shell' },
      about: 'print a script that completes commands, environments, servers and keys in bash, zsh or fish',
      flags: [json],
      examples: [
        ['keyturn completion bash > ~/.local/share/bash-completion/completions/keyturn', 'for bash'],
        ['keyturn completion zsh > ~/.zfunc/_keyturn', 'for zsh, in a folder of its fpath'],
        ['keyturn completion fish > ~/.config/fish/completions/keyturn.fish', 'for fish'],
      ],
      load: async () => (await import('../commands/completion')).completion,
    },
    {
      name: 'complete',
      isHidden: true,
      argument: { syntax: '[word...]', as: 'words' },
      about: 'what the scripts of `completion` ask at every Tab',
      flags: [],
      examples: [],
      load: async () => (await import('../commands/completion')).complete,
    },
  ];
}
