// `keyturn sandbox start`: keeps a rehearsed account up until it is told to end. Commands of other terminals find it by its state
// file, see bin/sandbox.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../bin/config/load-config';
import type { SandboxAnswer } from '../../bin/sandbox/requests';
import {
  defaultSandboxName,
  makeStateDirectory,
  removeState,
  type SandboxState,
  writeState,
} from '../../bin/sandbox/state-file';
import { describeFailure, exitCode } from '../../bin/terminal/exit-code';
import { KeyturnError } from '../../core/errors';
import { terminalText } from '../../core/text/safe-text';
import { eventLine } from '../report/summary-text';
import { Identities } from '../world/account/identities';
import { spareMemory } from '../world/function-threads';
import { type Synthesized, synthesizeApart } from '../world/synthesis';
import { type Endpoint, openEndpoint } from './endpoint';
import { livePage } from './live-page';
import { fixedSections, type LiveSections, liveSections } from './live-sections';
import { outsideFile, tellOutside, variablesOf } from './outside';
import { answer, type SandboxControl } from './request-handlers';
import { type RunningAccount, startAccount } from './running-account';

/** What is asked for more often is told from memory. Real milliseconds. */
const freshMs = 500;
const impatientMs = 1_000;
const closesWithinMs = 10_000;

interface Wanted {
  config: string;
  environment: string;
  name: string;
  speed: number;
  /** One line tells where it is, once it is up; nothing tells what happens in it. */
  json: boolean;
}

async function main(): Promise<void> {
  spareMemory();
  const wanted = readArguments();
  const say = sayer(wanted);
  // A profile or an endpoint of the shell would lead the first commands elsewhere.
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  const ended = endSignal();
  let synthesized: Synthesized | undefined;
  try {
    say(`Sandbox "${wanted.name}": setting up ${wanted.environment} of ${wanted.config} ...\n`);
    const setUp = (async () => {
      synthesized = await synthesizeApart(await loadConfig(wanted.config), wanted.config, wanted.environment);
      return openSandbox(wanted, synthesized);
    })();
    const sandbox = await Promise.race([setUp, ended]);
    // Nobody but this process knows of a sandbox that is not there yet.
    if (!sandbox) return;
    if (wanted.json) process.stdout.write(`${JSON.stringify(sandbox.facts)}\n`);
    say(sandbox.introduction);
    await Promise.race([ended, sandbox.stopped]);
    say('\nThe sandbox ends.\n');
    await Promise.race([sandbox.close(), sleep(closesWithinMs)]);
  } finally {
    synthesized?.remove();
  }
}

/** To people; where programs read, nothing but JSON goes out. */
function sayer({ json }: Wanted): (text: string) => void {
  return text => void (json || process.stdout.write(terminalText(text)));
}

/** A terminal and the command that started this both pass Ctrl-C on: only one that comes later is impatience. */
function endSignal(): Promise<void> {
  let firstAt: number | undefined;
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        firstAt ??= performance.now();
        resolve();
        if (performance.now() - firstAt > impatientMs) process.exit(exitCode.interrupted);
      });
  });
}

function readArguments(): Wanted {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: 'config/keys.ts' },
      environment: { type: 'string', default: 'prod' },
      name: { type: 'string', default: defaultSandboxName },
      speed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  return { ...values, speed: Number(values.speed) };
}

async function openSandbox(wanted: Wanted, synthesized: Synthesized) {
  const { name, config, speed } = wanted;
  const say = sayer(wanted);
  const { environment } = synthesized;
  const identities = new Identities(environment, randomBytes(32).toString('hex'));
  const instance = randomBytes(16).toString('hex');
  const tokens = { control: newToken(), page: newToken() };
  makeStateDirectory();
  let stop = () => {};
  const stopped = new Promise<void>(resolve => {
    stop = resolve;
  });

  async function start(ports?: RunningAccount['context']['world']['ports']): Promise<RunningAccount> {
    const begun = await startAccount({
      synthesized,
      configFile: config,
      speed,
      identities,
      ...(ports && { ports }),
      onProgress: what => say(`  ${what} ...\n`),
      onEvent: event => say(`${eventLine(event, process.stdout.isTTY && process.stdout.hasColors())}\n`),
      onFailure: error =>
        say(`something in the sandbox failed: ${String((error as Error).cause ?? error)}\n`),
      onClockSet: (reading, context) => tellOutside(name, context, reading),
    });
    for (const variables of Object.values(variablesOf(name, begun.context)))
      for (const secret of [variables.AWS_SECRET_ACCESS_KEY, variables.AWS_SESSION_TOKEN])
        if (secret) begun.context.world.leaks.learn(secret);
    if (endpoint) begun.context.world.clock.leaveOut(endpoint.server);
    return begun;
  }

  let endpoint: Endpoint | undefined;
  let account: RunningAccount | undefined = await start();
  const present = (): RunningAccount => {
    if (account) return account;
    throw new KeyturnError('refused', 'the sandbox is being reset; try again in a minute');
  };
  const sandbox: SandboxControl = {
    name,
    account: present,
    async reset() {
      const before = present();
      account = undefined;
      const { ports } = before.context.world;
      await before.close();
      account = await start(ports).catch(error => {
        stop();
        throw error;
      });
    },
    stop: () => void setTimeout(stop, 50),
  };
  const live = remembered(() => liveSections(present()));
  endpoint = await openEndpoint({
    instance,
    tokens,
    answer: (request): Promise<SandboxAnswer> => answer(sandbox, request),
    page: () => livePage(name, environment.name, { ...live(), ...fixedSections(present()) }),
    live,
    holdsSecret: text => account?.context.world.leaks.holds(text) ?? false,
  });
  present().context.world.clock.leaveOut(endpoint.server);
  const state = {
    name,
    instance,
    pid: process.pid,
    environment: environment.name,
    control: { url: `${endpoint.origin}/control`, token: tokens.control },
    page: `${endpoint.origin}/?token=${tokens.page}`,
    variables: variablesOf(name, present().context),
  };
  try {
    writeState(state);
  } catch (error) {
    await endpoint.close();
    await account.close();
    throw error;
  }
  const { origin, close } = endpoint;
  return {
    stopped,
    introduction: introduction(state, origin, speed),
    facts: { name, environment: environment.name, speed, page: state.page, pid: process.pid },
    async close() {
      removeState(name);
      rmSync(outsideFile(name), { force: true });
      await close();
      await account?.close();
    },
  };
}

function introduction({ name, environment, page }: SandboxState, origin: string, speed: number): string {
  const named = name === defaultSandboxName ? '' : ` --name ${name}`;
  return `
The sandbox "${name}" is up: ${environment}, at ${speed}x. Everything in it is fake, and nothing leaves this machine.

  In another terminal, set its variables:
    eval "$(npx keyturn sandbox env --export${named})"
  Then every command, \`npx keyturn run\`, the client library and the aws CLI work in it:
    npx keyturn status --env ${environment}
  What you can do in it: npx keyturn sandbox --help
  Watch it: ${page}
  Control endpoint: ${origin}/control

Ctrl-C stops it. What happens:
`;
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** What was told shortly before is told again. */
function remembered(tell: () => LiveSections): () => LiveSections {
  let told: { at: number; sections: LiveSections } | undefined;
  return () => {
    if (!told || performance.now() - told.at > freshMs) told = { at: performance.now(), sections: tell() };
    return told.sections;
  };
}

// Nothing in it outlives it, so nothing that is still under way in it is worth a wait.
main()
  .catch(error => {
    const failure = describeFailure(error);
    process.stderr.write(terminalText(`keyturn: ${failure.message}\n`));
    process.exitCode = failure.exitCode;
  })
  .finally(() => process.exit());
