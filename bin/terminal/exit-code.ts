// How a command ends: an exit code for scripts, and a line for people.
import { type ErrorCode, KeyturnError } from '../../core/errors';

export const exitCode = {
  done: 0,
  attention: 1,
  usage: 2,
  notAllowed: 3,
  failed: 70,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

const codes: Partial<Record<ErrorCode, ExitCode>> = {
  'bad-config': exitCode.usage,
  usage: exitCode.usage,
  'issuer-rejected': exitCode.notAllowed,
  'not-allowed': exitCode.notAllowed,
  'not-deployed': exitCode.notAllowed,
  refused: exitCode.notAllowed,
};

/** What a command may say about an error, and the exit code. */
export interface Failure {
  exitCode: ExitCode;
  code: string;
  message: string;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof KeyturnError) {
    return { exitCode: codes[error.code] ?? exitCode.failed, code: error.code, message: error.message };
  }
  const { name = typeof error, stack = '' } = (error ?? {}) as Partial<Error>;
  if (name === 'AbortError') {
    return { exitCode: exitCode.interrupted, code: 'interrupted', message: 'stopped; nothing was changed' };
  }
  // The message of an unexpected error is held back: it may quote a secret.
  const where =
    stack
      .split('\n')
      .find(line => /^\s+at /.test(line))
      ?.trim() ?? 'at an unknown place';
  const message = `unexpected ${name} ${where}; please report this line`;
  return { exitCode: exitCode.failed, code: 'unforeseen', message };
}
