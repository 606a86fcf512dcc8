// One logger for all functions: a line of JSON each. Redaction needs no list of fields: nothing that holds a value is ever handed
// to it, and errors are reduced to code and message first, since an SDK's error object carries its response.
import { KeyturnError } from '../../../core/errors';

type Fields = Readonly<Record<string, unknown>>;

/** What every line of an invocation tells besides its own. */
let keys: Fields = {};

/** By Lambda, for each invocation, where it traces. */
const traceId = () => /Root=([^;]+)/.exec(process.env._X_AMZN_TRACE_ID ?? '')?.[1];

function write(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields: Fields = {}): void {
  if (process.env.KEYTURN_LOGS === 'off') return;
  const timestamp = new Date().toISOString();
  const line = {
    level,
    message,
    timestamp,
    service: 'keyturn',
    xray_trace_id: traceId(),
    ...keys,
    ...fields,
  };
  // Not by console.log: Lambda would wrap it in a line of its own.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

export const logger = {
  info: (message: string, fields?: Fields) => write('INFO', message, fields),
  warn: (message: string, fields?: Fields) => write('WARN', message, fields),
  error: (message: string, fields?: Fields) => write('ERROR', message, fields),
  appendKeys(more: Fields): void {
    keys = { ...keys, ...more };
  },
  resetKeys(): void {
    keys = {};
  },
};

/** What may be said of an error: never its properties, request, response or cause. */
export function describeError(error: unknown): { name: string; code?: string; message: string } {
  if (error instanceof KeyturnError) return { name: error.name, code: error.code, message: error.message };
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'unknown', message: `something of type ${typeof error} was thrown` };
}
