// Commands that get an account, a machine and a shell ready.
import { type CommandDefinition, flag, flags } from './definition';
import { initCommand } from './init-command';
import { mcpServerCommands } from './mcp-server-commands';

const { inAccount, selection, credentials, config, json, env, dryRun } = flags;

export function serverCommands(): CommandDefinition[] {
  return [
    initCommand,
    {
      name: 'whoami',
      about: 'show whose AWS credentials are in use, and which environments they reach',
      flags: [config, ...credentials, json],
      examples: [
        ['npx keyturn whoami', 'before anything else'],
        ['npx keyturn whoami --profile prod-admin', 'the same for a profile'],
      ],
      load: async () => (await import('../commands/whoami')).whoami,
    },
    {
      name: 'providers',
      about: 'show every provider that Keyturn knows, and what it can do there; makes no calls',
      flags: [flag('--markdown', 'print it as the table of README.md', { conflicts: ['json'] }), json],
      examples: [
        ['npx keyturn providers', 'which keys can be rotated, and what each provider reports about them'],
        ['npx keyturn providers --json', 'the same for a script'],
      ],
      load: async () => (await import('../commands/providers')).providers,
    },
    {
      name: 'connector new',
      argument: { syntax: '<provider>', as: 'provider' },
      about:
        'write the files of a connector for a provider that Keyturn does not have; asks for what no flag gives',
      flags: [
        flag(
          '--kind <kind>',
          'how keys are created and revoked: issue, install, roll, mint, revoke-only, manual; federate: no key',
        ),
        flag('--origin <url>', 'scheme and host of the API, such as https://api.example.com'),
        flag('--prefix <text>', 'what every key begins with, such as sk_'),
        flag('--title <title>', 'how the provider spells its name'),
        json,
      ],
      examples: [
        [
          'npx keyturn connector new acme-mail --kind issue --origin https://api.example.com --prefix ak_',
          'files that compile, and checks that say what is still missing',
        ],
      ],
      load: async () => (await import('../commands/connector')).connectorNew,
    },
    {
      name: 'issuer set',
      argument: { syntax: '<provider>', as: 'provider', completes: 'provider' },
      about: 'store the admin credential of a provider; reads it from a hidden prompt or from stdin',
      flags: [...inAccount, flag('--no-verify', 'do not check it with the provider'), dryRun],
      examples: [
        ['npx keyturn issuer set sendgrid --env prod', 'paste it into a prompt that does not show it'],
        ['op read op://vault/sendgrid/admin | npx keyturn issuer set sendgrid --env prod', 'pipe it in'],
      ],
      load: async () => (await import('../commands/issuer')).issuerSet,
    },
    {
      name: 'issuer status',
      about: 'show which admin credentials are set, and since when',
      flags: [...inAccount, ...selection],
      examples: [['npx keyturn issuer status --env prod', 'after the first deploy']],
      load: async () => (await import('../commands/issuer')).issuerStatus,
    },
    ...mcpServerCommands(async () => (await import('../commands/doctor-of-account')).doctorOfAccount),
    {
      name: 'mcp',
      about: 'serve an AI assistant over stdio, as an MCP server that only reads and never sees a key',
      flags: [
        config,
        env,
        ...credentials,
        flag('--policy', 'print an IAM policy that allows what it needs to read, and nothing else'),
        flag('--json', 'with --policy: the same, which is JSON already'),
      ],
      examples: [
        [
          'npx keyturn mcp --profile keyturn-reader',
          'as the command of an MCP server in the settings of a host',
        ],
        ['npx keyturn mcp --policy --env prod', "what the assistant's profile has to allow"],
      ],
      load: async () => (await import('../commands/mcp')).mcp,
    },
    {
      name: 'completion',
      argument: { syntax: '<shell>', as: 'shell', completes: 'shell' },
      about: 'print a script that completes commands, environments, servers and keys in bash, zsh or fish',
      flags: [json],
      examples: [
        ['npx keyturn completion bash > ~/.local/share/bash-completion/completions/keyturn', 'for bash'],
        ['npx keyturn completion zsh > ~/.zfunc/_keyturn', 'for zsh, in a folder of its fpath'],
        ['npx keyturn completion fish > ~/.config/fish/completions/keyturn.fish', 'for fish'],
      ],
      load: async () => (await import('../commands/completion')).completion,
    },
    {
      name: 'complete',
      isHidden: true,
      argument: { syntax: '[word...]', as: 'words' },
      about: 'what the scripts of `completion` call at every Tab',
      flags: [],
      examples: [],
      load: async () => (await import('../commands/completion')).complete,
    },
  ];
}
