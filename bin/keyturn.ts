#!/usr/bin/env node
import { systemClock } from '../lambda/aws/clock';
import { runProgram } from './cli/program';
import { processTerminal } from './cli/terminal';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

runProgram(process.argv.slice(2), { terminal: processTerminal(), clock: systemClock }).then(code => {
  process.exitCode = code;
});
