// How a command ends: an exit code for scripts, and a line for people.
import { absentCredentials, refusedCredentials } from '../../client/keys/aws-client';
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
  'not-found': exitCode.usage,
  usage: exitCode.usage,
  'issuer-rejected': exitCode.notAllowed,
  'not-allowed': exitCode.notAllowed,
  'not-deployed': exitCode.notAllowed,
  refused: exitCode.notAllowed,
};

function lacksCredentials(cause: unknown): boolean {
  return cause instanceof Error && [...absentCredentials, ...refusedCredentials].includes(cause.name);
}

/** What a command may say about an error, and the exit code. */
export interface Failure {
  exitCode: ExitCode;
  code: string;
  message: string;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof KeyturnError) {
    // To the client, which keeps the key that it has, missing credentials are an answer that did not come.
    const code = lacksCredentials(error.cause) ? 'not-allowed' : error.code;
    return { exitCode: codes[code] ?? exitCode.failed, code, message: error.message };
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
