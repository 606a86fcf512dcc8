// A rehearsed account that stays up, to practise in: `start` keeps it up, every other command finds it and asks it.
import { parseDuration } from '../../client/doctor/duration';
import { KeyturnError } from '../../core/errors';
import { loadConfig } from '../config/load-config';
import { selectEnvironment } from '../config/selection';
import { askSandbox, findSandbox, runningSandbox, runningSandboxes } from '../sandbox/control-client';
import {
  type CausableSignal,
  causableSignals,
  type FaultName,
  faults,
  type SandboxRequest,
  speedSchema,
} from '../sandbox/requests';
import { alreadyRuns, defaultSandboxName, sandboxNamePattern } from '../sandbox/state-file';
import { type Command, type CommandContext, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { table } from '../terminal/table';
import { runProgramApart } from './rehearse';

export interface SandboxFlags {
  /** Which sandbox. @default - the only one that runs */
  name?: string;
  json?: boolean;
}

export interface StartFlags {
  config: string;
  env?: string;
  name?: string;
  /** `60x` */
  speed: string;
  json?: boolean;
}

export const sandboxStart: Command<StartFlags> = async ({
  config,
  env,
  name = defaultSandboxName,
  speed,
  json,
}) => {
  if (!sandboxNamePattern.test(name)) {
    throw new KeyturnError(
      'usage',
      `"${name}" cannot be the name of a sandbox; use up to 32 small letters, digits and hyphens`,
    );
  }
  const perSecond = parseSpeed(speed);
  const { environments } = await loadConfig(config);
  const hasProd = environments.some(environment => environment.name === 'prod');
  const environment = selectEnvironment({ environments }, { env: env ?? (hasProd ? 'prod' : undefined) });
  if (await runningSandbox(name)) throw alreadyRuns(name);
  // In a shell that is in another sandbox, it would take over that one's clock.
  delete process.env.KEYTURN_SANDBOX_OUTSIDE;
  const options = { config, environment: environment.name, name, speed: String(perSecond) };
  return runProgramApart('sandbox', [
    ...Object.entries(options).map(([option, value]) => `--${option}=${value}`),
    ...(json ? ['--json'] : []),
  ]);
};

/** `60x` or `60`. @throws {KeyturnError} usage */
function parseSpeed(text: string): number {
  const speed = speedSchema.safeParse(Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1] ?? Number.NaN));
  if (speed.success) return speed.data;
  throw new KeyturnError('usage', `"${text}" is not a speed; write it like 1x or 60x, from 0.1x to 3600x`);
}

export const sandboxList: Command<SandboxFlags> = async (flags, context) => {
  const running = (await runningSandboxes()).map(({ name, environment, page, pid }) => ({
    name,
    environment,
    page,
    pid,
  }));
  const rows = running.map(({ name, environment, page }) => [name, environment, page]);
  const head = ['SANDBOX', 'ENVIRONMENT', 'PAGE'];
  const text = running.length ? table(head, rows, context.terminal.width.out) : 'no sandbox runs\n';
  print(context, flags, { sandboxes: running }, text);
  return exitCode.done;
};

export interface EnvFlags extends SandboxFlags {
  /** A server, or `admin`. */
  as: string;
  export?: boolean;
}

/** Variables of the shell that lead elsewhere, whatever else is set. */
const misleading = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_ENDPOINT_URL_SECRETS_MANAGER'];

export const sandboxEnv: Command<EnvFlags> = async (flags, context) => {
  const { variables, name } = await findSandbox(flags.name);
  const found = variables[flags.as];
  if (!found) {
    throw new KeyturnError(
      'usage',
      `the sandbox has no "${flags.as}"; use one of ${Object.keys(variables).join(', ')}`,
    );
  }
  const all = { ...found, NODE_OPTIONS: withOptionsOfShell(found.NODE_OPTIONS ?? '') };
  const lines = Object.entries(all).map(([variable, value]) =>
    flags.export ? `export ${variable}=${quoted(value)}` : `${variable}=${value}`,
  );
  const head = flags.export
    ? [`unset ${misleading.join(' ')}`]
    : [
        `# The sandbox "${name}", as ${flags.as}. Unset ${misleading.slice(0, 2).join(' and ')} before you use it.`,
      ];
  print(context, flags, all, `${[...head, ...lines].join('\n')}\n`);
  return exitCode.done;
};

function withOptionsOfShell(ours: string): string {
  const before = (process.env.NODE_OPTIONS ?? '').replace(ours, '').trim();
  return [before, ours].filter(Boolean).join(' ');
}

/** As a POSIX shell reads it. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

export const sandboxInfo: Command<SandboxFlags> = async (flags, context) => {
  const state = await findSandbox(flags.name);
  const { text, facts } = await askSandbox(state, { act: 'info' });
  print(context, flags, { ...facts, page: state.page }, `${text}  page: ${state.page}\n`);
  return exitCode.done;
};

async function ask(flags: SandboxFlags, context: CommandContext, request: SandboxRequest): Promise<number> {
  const { text, facts } = await askSandbox(await findSandbox(flags.name), request);
  print(context, flags, facts, text);
  return exitCode.done;
}

type OneKey = SandboxFlags & { key: string };

export const sandboxSteal: Command<OneKey> = (flags, context) =>
  ask(flags, context, { act: 'steal', key: flags.key });

export const sandboxReject: Command<OneKey> = (flags, context) =>
  ask(flags, context, { act: 'reject', key: flags.key });

export const sandboxLoseRotation: Command<OneKey> = (flags, context) =>
  ask(flags, context, { act: 'lose-rotation', key: flags.key });

export const sandboxAlarm: Command<OneKey & { signal: string }> = (flags, context) =>
  ask(flags, context, {
    act: 'alarm',
    key: flags.key,
    signal: oneOf<CausableSignal>('signal', flags.signal, causableSignals),
  });

export const sandboxBreak: Command<SandboxFlags & { provider: string; how: string; for?: string }> = (
  flags,
  context,
) =>
  ask(flags, context, {
    act: 'break',
    provider: flags.provider,
    how: oneOf<FaultName>('how', flags.how, Object.keys(faults) as FaultName[]),
    ...(flags.for !== undefined && { forMs: parseDuration(flags.for) }),
  });

export const sandboxMend: Command<SandboxFlags> = (flags, context) => ask(flags, context, { act: 'mend' });

export const sandboxMail: Command<SandboxFlags & { last: string }> = (flags, context) => {
  const last = Number(flags.last);
  if (!Number.isInteger(last) || last < 1)
    throw new KeyturnError('usage', `--last ${flags.last} is not a number of mails; write it like --last 5`);
  return ask(flags, context, { act: 'mail', last });
};

export const sandboxAdvance: Command<SandboxFlags & { duration: string }> = (flags, context) =>
  ask(flags, context, { act: 'advance', ms: parseDuration(flags.duration) });

export const sandboxSpeed: Command<SandboxFlags & { speed: string }> = (flags, context) =>
  ask(flags, context, { act: 'speed', speed: parseSpeed(flags.speed) });

export const sandboxReset: Command<SandboxFlags> = (flags, context) => ask(flags, context, { act: 'reset' });

export const sandboxStop: Command<SandboxFlags> = (flags, context) => ask(flags, context, { act: 'stop' });

/** @throws {KeyturnError} usage */
function oneOf<Word extends string>(flag: string, given: string, words: readonly Word[]): Word {
  const found = words.find(word => word === given);
  if (found) return found;
  throw new KeyturnError('usage', `--${flag} ${given} is not known; use one of ${words.join(', ')}`);
}
