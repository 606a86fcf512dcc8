// Commands for those who run MCP servers; also those of `@keyturn/client`, which has no configuration.
import { type CommandDefinition, type Flag, flag, flags } from './definition';

const { credentials, config, json } = flags;

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
    flag(
      '--federate <provider=json>',
      'with --key: what the configuration says of it under federate, as JSON; repeatable',
      { default: [], repeats: true },
    ),
  ];
}

/** @param loadDoctor where the command has a configuration, and more to look at */
export function mcpServerCommands(
  loadDoctor: CommandDefinition['load'] = async () => (await import('../commands/doctor')).doctor,
): CommandDefinition[] {
  return [
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
        ['npx keyturn doctor --env prod --server support-bot --verify', 'ask the providers, too'],
        ['npx keyturn doctor --env prod --server support-bot --local', 'only the variables of this shell'],
      ],
      load: loadDoctor,
    },
    {
      name: 'run',
      argument: { syntax: '<command...>', as: 'command' },
      usage: '[options] -- <command...>',
      about:
        'run an MCP server with its keys in environment variables; when they rotate, it moves to a new process',
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
          '--broker',
          'give the server placeholders, and put the keys into its requests; it need not restart when they rotate',
          { conflicts: ['keepCopy', 'eventsQueue', 'stopFirst'] },
        ),
        flag(
          '--sandbox',
          'with --broker, on Linux: the server can reach only the broker, and sees only what it needs of this machine',
          { conflicts: ['passAws'] },
        ),
        flag('--readable <path>', 'with --sandbox: a file or folder that the server may read; repeatable', {
          default: [],
          repeats: true,
        }),
        flag('--writable <path>', 'with --sandbox: a file or folder that the server may write; repeatable', {
          default: [],
          repeats: true,
        }),
        flag(
          '--allow-host <host>',
          'with --sandbox: a host that the server may reach besides those of its keys; * and *.example.com stand for many; repeatable',
          { default: [], repeats: true },
        ),
        flag(
          '--broker-at <url>',
          'connect the server to a broker that runs elsewhere (npx keyturn broker), which has its placeholders and sends its requests on; needs no AWS credentials',
          {
            conflicts: [
              'broker',
              'sandbox',
              'check',
              'key',
              'keepCopy',
              'local',
              'passAws',
              'eventsQueue',
              'stopFirst',
            ],
          },
        ),
        flag(
          '--token-file <path>',
          'with --broker-at: the file with its token (default: the variable KEYTURN_BROKER_TOKEN)',
          { completes: 'file' },
        ),
        flag(
          '--http <port>',
          'run an MCP server that is reached over HTTP: listen on this port (or host:port), and start the server on a port of its own, given to it in PORT and for {port} in its command',
        ),
        flag(
          '--ready <path>',
          'with --http: the path that answers with less than 500 once the server is ready (default: /)',
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
          'npx keyturn run --env prod --server support-bot -- npx -y some-mcp-server',
          "in place of the server's own command",
        ],
        [
          'npx keyturn run --check --env prod --server support-bot -- npx -y some-mcp-server',
          'only check its keys',
        ],
      ],
      load: async () => (await import('../commands/run')).run,
    },
    {
      name: 'broker',
      about:
        'run a service that puts the keys into the requests of a server elsewhere, which holds only placeholders',
      flags: [
        ...ofServer(),
        config,
        ...credentials,
        flag(
          '--listen <port>',
          'the port where servers reach it; with a host, such as 0.0.0.0:3128, from other machines',
          {
            default: '3128',
          },
        ),
        flag(
          '--token-file <path>',
          'the file with the token that servers must present (default: the variable KEYTURN_BROKER_TOKEN)',
          { completes: 'file' },
        ),
        flag(
          '--allow-host <host>',
          'a host that servers may reach besides those of the keys; * and *.example.com stand for many; repeatable',
          { default: [], repeats: true },
        ),
        flag('--poll <duration>', 'how often to check for new keys while there are requests', {
          default: '60s',
        }),
        flag('--drain <duration>', 'how long open requests may take once it is asked to stop', {
          default: '25s',
        }),
        flag('--metrics <where>', 'where metrics go: cloudwatch, stderr (lines for CloudWatch Logs) or none'),
      ],
      examples: [
        [
          'npx keyturn broker --env prod --server support-bot --listen 0.0.0.0:3128',
          'for a server in another container',
        ],
      ],
      load: async () => (await import('../commands/broker')).broker,
    },
    {
      name: 'agent',
      argument: { syntax: '[command...]', as: 'command' },
      usage: '[options] [-- <command...>]',
      about:
        'write keys into files and tell a program when they change, or start a program again with its new keys',
      flags: [
        ...ofServer(),
        config,
        ...credentials,
        flag('--file <path=variable>', 'a file that holds only the value of a variable; repeatable', {
          default: [],
          repeats: true,
        }),
        flag(
          '--template <template=path>',
          'a file made from a template, in which {{VARIABLE}} is replaced by a value; repeatable',
          {
            default: [],
            repeats: true,
          },
        ),
        flag('--signal <name>', 'send this signal to the command behind "--" when the files have changed'),
        flag('--on-change <line>', 'run this line in a shell when the files have changed', {
          conflicts: ['signal'],
        }),
        flag('--json', 'with --once: print the paths of the files as one JSON document'),
        flag('--once', 'write the files and exit', { conflicts: ['signal', 'onChange'] }),
        flag('--poll <duration>', 'how often to check for new keys', { default: '60s' }),
        flag('--pass-aws', 'pass the AWS credentials of this command on to what it starts'),
        flag('--events-queue <url>', 'an SQS queue that receives "Key Rotated" events for this process only'),
      ],
      examples: [
        [
          'npx keyturn agent --env prod --server support-bot --file token=SENDGRID_API_KEY --once',
          'a file that another program reads',
        ],
      ],
      load: async () => (await import('../commands/agent')).agent,
    },
  ];
}
