import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { KeyturnError } from '../../core/errors';
import { secretName } from '../../core/key/key-address';
import { secretArn } from '../config/arns';
import type { Environment, Key, Server } from '../config/config';
import { type FunctionName, functionName } from '../config/names';
import { mintsTokens, type ProviderName, providers, usesUpRoot } from '../config/providers';
import { KeyturnFunction } from './keyturn-function';

/** Of functions and roles. */
const nameMaxLength = 64;

export interface TokenFunctionProps {
  readonly environment: Pick<Environment, 'name' | 'policy' | 'admins' | 'deployers'>;
  /** One with at least one key that tokens are minted from. */
  readonly server: Server;
  readonly code: Code;
}

/**
 * Gives one MCP server its short-lived tokens. One for each server: Lambda tells a function nothing of its caller, so who may
 * ask for which tokens is decided by who may invoke which function.
 */
export class TokenFunction extends Construct {
  constructor(scope: Construct, id: string, { environment, server, code }: TokenFunctionProps) {
    super(scope, id);
    const roots = server.keys.filter(key => mintsTokens(providerOf(key)));
    const spent = roots.filter(key => usesUpRoot(providerOf(key), key.spec.settings));
    const statements = [
      new PolicyStatement({
        sid: 'Roots',
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        resources: this.arns(roots),
      }),
    ];
    if (spent.length) {
      statements.push(
        new PolicyStatement({
          sid: 'SpentRoots',
          actions: ['secretsmanager:PutSecretValue'],
          resources: this.arns(spent),
        }),
      );
    }
    const name: FunctionName = `token-${server.name}`;
    refuseLongName(functionName(environment.name, name), `${environment.name}/${server.name}`);
    const { function: token } = new KeyturnFunction(this, 'Token', {
      environment,
      name,
      entry: 'token',
      code,
      description: `Gives ${server.name} its short-lived tokens in ${environment.name}; invoked by its role only`,
      // Minting may wait for a provider that is slow, or wants to be asked later.
      timeout: Duration.minutes(2),
      calledBy: [],
      grantee: server.role,
      statements,
      wildcards: {},
      variables: { KEYTURN_SERVER: server.name },
    });
    // A refresh token that two send at once looks stolen: so only one may mint at a time.
    if (spent.length) (token.node.defaultChild as CfnFunction).reservedConcurrentExecutions = 1;
  }

  private arns(keys: Key[]): string[] {
    return keys.map(key => secretArn(this, `${secretName(key.address)}-??????`));
  }
}

/** Not cut: clients find the function by its name. */
function refuseLongName(name: string, place: string): void {
  if (name.length <= nameMaxLength) return;
  throw new KeyturnError(
    'bad-config',
    `${place}: its token function would be ${name}, which has ${name.length} characters, and AWS takes ${nameMaxLength}; shorten the name of the server or the environment`,
  );
}

function providerOf(key: Key) {
  return providers[key.address.provider as ProviderName];
}
