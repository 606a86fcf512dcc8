#!/usr/bin/env node
// What `npm create keyturn` runs: `keyturn init`, without all that Keyturn needs besides.
import { systemClock } from '../lambda/aws/runtime/clock';
import { runCommandLine } from './command-line/command-line';
import { initCommand } from './command-line/init-command';
import { processTerminal } from './terminal/terminal';

const keyturn = {
  name: 'keyturn',
  about: 'Starts a repository for the API keys of your MCP servers.',
  groups: {},
  commands: [initCommand],
};
const args = [initCommand.name, ...process.argv.slice(2)];

runCommandLine(keyturn, args, { terminal: processTerminal(), clock: systemClock }).then(code => {
  process.exitCode = code;
});
