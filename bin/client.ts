#!/usr/bin/env node
// The command of `@keyturn/client`, for machines that run MCP servers and have no configuration: --key names each key.
import { systemClock } from '../lambda/aws/runtime/clock';
import { runCommandLine } from './command-line/command-line';
import { flags } from './command-line/definition';
import { mcpServerCommands } from './command-line/mcp-server-commands';
import { processTerminal } from './terminal/terminal';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const name = 'keyturn-client';
const ends: Record<string, string> = {
  run: ' -- npx -y some-mcp-server',
  broker: ' --listen 0.0.0.0:3128',
  agent: ' --file token=API_TOKEN --once',
};
const client = {
  name,
  about: 'Runs MCP servers with the keys that Keyturn manages, and shows why a key does not work.',
  groups: {},
  commands: mcpServerCommands().map(command => ({
    ...command,
    flags: command.flags.filter(each => each !== flags.config),
    examples: [
      [
        `npx ${name} ${command.name} --env prod --server support-bot --key API_TOKEN=gitlab${ends[command.name] ?? ''}`,
        'the current key of prod/gitlab/support-bot in the variable API_TOKEN',
      ],
    ] as [string, string][],
  })),
};

runCommandLine(client, process.argv.slice(2), { terminal: processTerminal(), clock: systemClock }).then(
  code => {
    process.exitCode = code;
  },
);
