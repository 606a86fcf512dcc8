// The audit function as people reach it: part by part, page by page.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { PartAnswer } from '../../../core/audit/finding';
import type { AskPage } from '../../../core/audit/parts';
import { KeyturnError } from '../../../core/errors';
import { minuteMs } from '../../../core/time';
import { functionName } from '../../../lib/config/aws/names';
import { type Aws, clientOf } from '../aws';

/** A page takes about a minute, and longer where a provider wants rests; the function itself ends after 15. */
const answersWithinMs = 15 * minuteMs;

/** @returns what throws {KeyturnError} refused, where the function failed on a page */
export function auditFunction(aws: Aws): AskPage {
  const lambda = clientOf(aws, LambdaClient, 'lambda', { answersWithinMs });
  const FunctionName = functionName(aws.environment.name, 'audit');
  return async request => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }),
    );
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as Partial<PartAnswer> & {
      errorMessage?: string;
    };
    const { findings, notCovered, looked, prints } = answer;
    if (!FunctionError && findings && notCovered && looked && prints)
      return { ...answer, findings, notCovered, looked, prints };
    throw new KeyturnError(
      'refused',
      `the function ${FunctionName} failed on the part ${request.part} (${answer.errorMessage ?? FunctionError ?? 'no answer'}); see its log`,
    );
  };
}
