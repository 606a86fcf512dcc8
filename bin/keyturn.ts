#!/usr/bin/env node
import { systemClock } from '../lambda/aws/runtime/clock';
import { runProgram } from './program';
import { processTerminal } from './terminal/terminal';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

runProgram(process.argv.slice(2), { terminal: processTerminal(), clock: systemClock }).then(code => {
  process.exitCode = code;
});
