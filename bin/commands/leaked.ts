import { randomBytes } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { KeyturnError } from '../../core/errors';
import { malformation } from '../../core/key/malformed';
import {
  leakTokenSecretName,
  reporterTitles,
  type Scanner,
  type TokenScanner,
  tokenScanners,
} from '../../core/leaks/leak-report';
import { findHmac } from '../../core/leaks/matching';
import { oneLine } from '../../core/text/safe-text';
import { keyturnCommand } from '../../core/text/step';
import type { LeakedAnswer, LeakedOrder } from '../../lambda/aws/leaks/leaked-order';
import type { SigningToken } from '../../lambda/aws/leaks/signing-tokens';
import { functionName, platformStackName } from '../../lib/config/aws/names';
import type { Environment } from '../../lib/config/config';
import { type Aws, clientOf, connect } from '../aws/aws';
import { describeSecret, ownSecret } from '../aws/keys/deployed-keys';
import { loadConfig } from '../config/load-config';
import { selectEnvironment } from '../config/selection';
import { readFinds } from '../input/finds';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { count, table } from '../terminal/table';

export interface LeakedFlags extends CommonFlags {
  env?: string;
  /** Where they were found. */
  where?: string;
  dryRun?: boolean;
}

/** Lambda takes 6 MB in one call. */
const findsACall = 5_000;

/** Reports keys that were found somewhere. What leaves this machine are HMACs under a salt of this run, and never a key. */
export const leaked: Command<LeakedFlags> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  requireLeakReports(environment);
  const aws = await connect(environment, flags);
  const text = await context.terminal.readSecret('What was found', isWhole);
  const finds = readFinds(text, flags.where);
  if (!finds.length)
    throw new KeyturnError('usage', 'nothing was given; paste a key, or pipe in what a scanner has found');
  if (flags.dryRun) {
    const effect = `compares ${count(finds.length, 'find')} with every key of ${environment.name}, and contains those that are found`;
    const on = functionName(environment.name, 'leak-report');
    return printDryRun(context, flags, environment.name, [{ action: 'lambda:InvokeFunction', on, effect }]);
  }
  const keys: LeakedAnswer['keys'] = [];
  let unread = 0;
  for (let first = 0; first < finds.length; first += findsACall) {
    const salt = randomBytes(32).toString('hex');
    const part = finds.slice(first, first + findsACall);
    const answer = await report(aws, {
      kind: 'leaked',
      salt,
      finds: part.map(({ value, where }) => ({
        as: 'hmac',
        value: findHmac(value, salt),
        ...(where && { where: oneLine(where) }),
      })),
    });
    keys.push(...answer.keys);
    unread = Math.max(unread, answer.unread);
  }
  const facts = {
    environment: environment.name,
    finds: finds.length,
    unread,
    keys: keys.map(({ key, labels, incidentId }) => ({ key, labels, incidentId })),
  };
  const rows = keys.map(({ key, labels, incidentId }) => [
    key,
    stateOf(labels),
    keyturnCommand('incidents', 'show', incidentId, '--env', environment.name),
  ]);
  const found = keys.length
    ? table(['KEY', 'IS', 'CONTAINMENT'], rows, context.terminal.width.out)
    : `none of ${count(finds.length, 'find')} is a live key of ${environment.name}; nothing was done\n`;
  const left = unread
    ? `${count(unread, 'key')} could not be compared; the log of ${functionName(environment.name, 'leak-report')} tells which and why. Deploy the servers' stacks if leakReports is new, and report again\n`
    : '';
  print(context, flags, facts, `${found}${left}`);
  return keys.length || unread ? exitCode.attention : exitCode.done;
};

/** A private key has many lines; anything else that is typed in has one. */
function isWhole(text: string): boolean {
  return !text.startsWith('-----BEGIN') || /-----END [^\n]*-----\s*$/.test(text);
}

function stateOf(labels: readonly string[]): string {
  if (labels.includes('AWSCURRENT')) return 'current';
  if (labels.includes('AWSPENDING')) return 'next';
  return labels.includes('AWSPREVIOUS') ? 'superseded' : 'to be ended';
}

/** @throws {KeyturnError} refused, where the function could not take it */
async function report(aws: Aws, order: LeakedOrder): Promise<LeakedAnswer> {
  const lambda = clientOf(aws, LambdaClient, 'lambda');
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName(aws.environment.name, 'leak-report'),
      Payload: Buffer.from(JSON.stringify(order)),
    }),
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as LeakedAnswer & {
    errorMessage?: string;
  };
  if (!FunctionError) return answer;
  throw new KeyturnError('refused', `the report was not taken (${answer.errorMessage ?? FunctionError})`);
}

export interface SetTokenFlags extends CommonFlags {
  scanner: string;
  env?: string;
  dryRun?: boolean;
}

/** A shorter one could be guessed: whoever has it can have keys replaced that he knows. */
const shortestToken = 16;

export const setToken: Command<SetTokenFlags> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const scanner = scannerIn(environment, flags.scanner);
  const aws = await connect(environment, flags);
  const name = leakTokenSecretName(environment.name, scanner);
  const deployed = await describeSecret(aws, name);
  const stack = platformStackName(environment.name);
  if (!deployed)
    throw new KeyturnError('not-deployed', `${name} is not deployed; run \`npx cdk deploy ${stack}\``);
  ownSecret(deployed, stack);
  if (flags.dryRun) {
    const change = { action: 'secretsmanager:PutSecretValue', on: name, effect: 'stores what you enter' };
    return printDryRun(context, flags, environment.name, [change]);
  }
  const token = await context.terminal.readSecret(
    `Signature token of ${reporterTitles[scanner]}`,
    () => true,
  );
  const problem = malformation(token) ?? (token.length < shortestToken ? 'is short' : undefined);
  if (problem) {
    throw new KeyturnError(
      'usage',
      `the token ${problem}; make one of at least ${shortestToken} random characters in ${reporterTitles[scanner]}, and enter exactly the same one here`,
    );
  }
  const value: SigningToken = { token };
  await aws.secretsManager.send(
    new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(value) }),
  );
  print(
    context,
    flags,
    { environment: environment.name, scanner, secretName: name },
    `${name}: stored. Reports signed under it are taken within a minute\n`,
  );
  return exitCode.done;
};

function scannerIn(environment: Environment, given: string): TokenScanner {
  const { from } = requireLeakReports(environment);
  const scanner = tokenScanners.find(each => each === given);
  if (scanner && from.includes(scanner)) return scanner;
  const fix = scanner
    ? `add it to leakReports of ${environment.name}, and deploy`
    : `use ${tokenScanners.join(' or ')}; GitHub signs with a key of its own`;
  throw new KeyturnError(
    'usage',
    `"${given}" is not a scanner whose token ${environment.name} needs; ${fix}`,
  );
}

function requireLeakReports({ name, leakReports }: Environment): { from: readonly Scanner[] } {
  if (leakReports) return leakReports;
  throw new KeyturnError(
    'usage',
    `${name} takes no reports of leaks; write leakReports: { from: [] } in the configuration, and deploy. Until then use \`npx keyturn revoke\``,
  );
}
