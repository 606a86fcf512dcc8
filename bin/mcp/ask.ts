// Runs a command for an assistant: the same code and the same facts as `--json` on a command line, within limits that let it only
// read. What it prints is caught: nothing but the protocol may reach standard output.
import { KeyturnError } from '../../core/errors';
import { withinLimits } from '../aws/limits';
import type { Command, CommandContext } from '../terminal/command';
import type { Terminal } from '../terminal/terminal';
import { isRead } from './reads';

/** @returns the command's JSON document. @throws what the command throws */
export async function ask<Flags extends object>(
  command: Command<Flags & { json: boolean }>,
  flags: Flags,
  clock: CommandContext['clock'],
  signal: AbortSignal,
): Promise<unknown> {
  const printed: string[] = [];
  const terminal = listening(signal, text => printed.push(text));
  await withinLimits({ allows: isRead, signal }, () =>
    command({ ...flags, json: true }, { terminal, clock }),
  );
  return JSON.parse(printed.join(''));
}

/** Nobody sits in front of it. */
function listening(signal: AbortSignal, out: (text: string) => void): Terminal {
  const nobody = async (): Promise<never> => {
    throw new KeyturnError(
      'usage',
      'this needs an answer, and there is no terminal here; run the command yourself',
    );
  };
  return {
    out,
    redraw: out,
    err() {},
    overwrite() {},
    canAsk: false,
    redraws: false,
    width: { out: Number.POSITIVE_INFINITY, err: Number.POSITIVE_INFINITY },
    interrupted: signal,
    unread: signal,
    confirm: nobody,
    readSecret: nobody,
  };
}
