import { Writable } from 'node:stream';
import { loadConfig } from '../config/load-config';
import { selectEnvironment } from '../config/selection';
import { readingPolicy } from '../mcp/reads';
import { serve } from '../mcp/serve';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';

export interface McpFlags extends CommonFlags {
  env?: string;
  policy?: boolean;
}

/** Serves an assistant over stdio until it goes. With `policy`, prints what its AWS profile has to allow. */
export const mcp: Command<McpFlags> = async (flags, context) => {
  const { config, env } = flags;
  const { terminal, clock } = context;
  if (flags.policy) {
    const environment = selectEnvironment(await loadConfig(config), flags);
    const policy = readingPolicy(environment);
    print(context, flags, policy, `${JSON.stringify(policy, undefined, 2)}\n`);
    return exitCode.done;
  }
  const output = keepForProtocol(process);
  const { interrupted, unread } = terminal;
  await serve({
    config,
    environment: env,
    clock,
    input: process.stdin,
    output,
    say: terminal.err,
    left: AbortSignal.any([interrupted, unread]),
  });
  // What AWS has not answered yet would keep the process from ending; where nothing does, this comes to nothing.
  setTimeout(() => process.exit(), endsWithinMs).unref();
  return exitCode.done;
};

const endsWithinMs = 500;

/** From now on, whatever else is printed goes to standard error. @returns the way to the client */
function keepForProtocol({ stdout, stderr }: NodeJS.Process): Writable {
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return new Writable({
    decodeStrings: false,
    write: (chunk, encoding, done) => void write(chunk, encoding, done),
  });
}
