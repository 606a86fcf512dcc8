import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { programArguments, type programs } from '../programs';

export interface RehearseFlags {
  /** As they were typed: the rehearsal reads them itself. */
  options: string[];
}

/** Runs the rehearsal in a process of its own, whose memory it may need to itself. @returns its exit code */
export function rehearse({ options }: RehearseFlags): Promise<number> {
  return runProgramApart('rehearsal', options);
}

/** Ctrl-C and SIGTERM reach it, too. @returns its exit code */
export async function runProgramApart(program: keyof typeof programs, args: string[]): Promise<number> {
  const child = spawn(process.execPath, [...programArguments(program), ...args], { stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  process.once('SIGTERM', pass);
  process.once('SIGINT', pass);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? (signal === 'SIGINT' ? 130 : 143);
  } finally {
    process.removeListener('SIGTERM', pass);
    process.removeListener('SIGINT', pass);
  }
}
