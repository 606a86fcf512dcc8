// Errors in the logs of Keyturn's functions: the only place where the reason of a failed rotation stands, for AWS tells none.
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import * as z from 'zod';
import { hasCode } from '../../../core/errors';
import { secretNameOfArn } from '../../../core/key/key-address';
import { parsedJson } from '../../../core/text/parsed-json';
import { type FunctionName, logGroupName } from '../../../lib/config/aws/names';
import { type Aws, clientOf } from '../aws';

/** What a function logged of something that failed. Its texts hold others' words. */
export interface FunctionError {
  at: Date;
  /** Keyturn's code of the error, such as `provider-down`; absent of what was not foreseen. */
  code?: string;
  message: string;
  /** Of a rotation: which secret, and in which step. */
  secret?: string;
  step?: string;
}

/** As the logger writes them; fields of others are passed over. */
const line = z.object({
  message: z.string(),
  error: z.object({ code: z.string().optional(), message: z.string() }).optional(),
  step: z.string().optional(),
  secretId: z.string().optional(),
});

/** Pages may be empty, and each takes a call. */
const pagesAtMost = 10;

/** Newest first. @returns none where the function has not run yet */
export async function functionErrors(aws: Aws, name: FunctionName, since: Date): Promise<FunctionError[]> {
  const logs = clientOf(aws, CloudWatchLogsClient, 'logs');
  const found: FunctionError[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < pagesAtMost; page++) {
    try {
      const { events = [], nextToken: next } = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: logGroupName(aws.environment.name, name),
          startTime: since.getTime(),
          filterPattern: '{ $.level = "ERROR" }',
          nextToken,
        }),
      );
      found.push(...events.flatMap(({ timestamp, message }) => errorOf(timestamp ?? 0, message ?? '')));
      nextToken = next;
    } catch (error) {
      if (!hasCode(error, 'not-deployed')) throw error;
    }
    if (!nextToken) break;
  }
  return found.reverse();
}

function errorOf(at: number, text: string): FunctionError[] {
  const { data } = line.safeParse(parsedJson(text));
  if (!data) return [];
  const { message, error, step, secretId } = data;
  const { code } = error ?? {};
  const said = error && !message.includes(error.message) ? `${message}: ${error.message}` : message;
  const secret = secretId && nameOf(secretId);
  return [
    {
      at: new Date(at),
      message: said,
      ...(code && { code }),
      ...(secret && { secret }),
      ...(step && { step }),
    },
  ];
}

function nameOf(secretId: string): string | undefined {
  try {
    return secretNameOfArn(secretId);
  } catch {
    return undefined;
  }
}
