import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { specsOf } from '../../core/key/key-spec';
import { tableArn } from '../config/aws/arns';
import { type FunctionName, functionName } from '../config/aws/names';
import type { Key, Server } from '../config/config';
import { type ProviderName, providers, usesUpRoot } from '../config/providers';
import { type FunctionEnvironment, KeyturnFunction } from './keyturn-function';

/** Of functions and roles. */
const nameMaxLength = 64;

export interface TokenFunctionProps {
  readonly environment: FunctionEnvironment;
  readonly server: Pick<Server, 'name' | 'role'>;
  /** The server's keys that tokens are minted from, at least one, and the ARNs of their secrets. */
  readonly roots: readonly { key: Key; secretArn: string }[];
  readonly code: Code;
  readonly kmsKeyArn: string;
}

/**
 * Gives one MCP server its short-lived tokens. One for each server: Lambda tells a function nothing of its caller, so who may
 * ask for which tokens is decided by who may invoke which function.
 */
export class TokenFunction extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, server, roots, code, kmsKeyArn }: TokenFunctionProps,
  ) {
    super(scope, id);
    const spent = roots.filter(({ key }) => usesUpRoot(providerOf(key), key.spec.settings));
    const statements = [
      new PolicyStatement({
        sid: 'Roots',
        actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        resources: roots.map(({ secretArn }) => secretArn),
      }),
    ];
    if (spent.length) {
      statements.push(
        new PolicyStatement({
          sid: 'SpentRoots',
          actions: ['secretsmanager:PutSecretValue'],
          resources: spent.map(({ secretArn }) => secretArn),
        }),
        // A refresh token that two send at once looks stolen: so only one mints from it at a time.
        new PolicyStatement({
          sid: 'RootLease',
          actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
          resources: [tableArn(this, environment.name)],
          conditions: {
            // Without it, a call that tells no key would do.
            Null: { 'dynamodb:LeadingKeys': 'false' },
            'ForAllValues:StringEquals': {
              'dynamodb:LeadingKeys': spent.map(({ key }) => `root-lease#${shortName(key.address)}`),
            },
          },
        }),
      );
    }
    const name: FunctionName = `token-${server.name}`;
    const place = `${environment.name}/${server.name}`;
    refuseLongName(functionName(environment.name, name), place);
    const specs = JSON.stringify(specsOf(roots.map(({ key }) => key)));
    refuseManySpecs(specs, place);
    new KeyturnFunction(this, 'Token', {
      environment,
      name,
      entry: 'token',
      code,
      kmsKeyArn,
      description: `Gives ${server.name} its short-lived tokens in ${environment.name}; invoked by its role only`,
      // Minting may wait for a provider that is slow, or wants to be asked later.
      timeout: Duration.minutes(2),
      calledBy: [],
      grantee: server.role,
      statements,
      wildcards: {},
      variables: { KEYTURN_SERVER: server.name, KEYTURN_KEYS: specs },
    });
  }
}

/** Not cut: clients find the function by its name. */
function refuseLongName(name: string, place: string): void {
  if (name.length <= nameMaxLength) return;
  throw new KeyturnError(
    'bad-config',
    `${place}: its token function would be ${name}, which has ${name.length} characters, and AWS allows ${nameMaxLength}; shorten the name of the server or the environment`,
  );
}

/** Lambda takes 4 KB of variables; the others need some of them. */
const specsMaxBytes = 3_500;

function refuseManySpecs(specs: string, place: string): void {
  const bytes = Buffer.byteLength(specs);
  if (bytes <= specsMaxBytes) return;
  throw new KeyturnError(
    'bad-config',
    `${place}: the scopes and settings of its keys that tokens are minted from take ${bytes} bytes, and a function's variables have room for ${specsMaxBytes}; divide them among several servers`,
  );
}

function providerOf(key: Key) {
  return providers[key.address.provider as ProviderName];
}
