// What functions that make keys with names, or look for lost ones, may do in the table: attempts, and nothing else in it.
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { tableArn } from '../config/aws/arns';
import { namesKeys, type ProviderName, providers } from '../config/providers';

/** @returns none, where no key of these providers has a name */
export function attemptsStatements(
  scope: Construct,
  environment: string,
  inUse: readonly ProviderName[],
): PolicyStatement[] {
  const named = inUse.filter(provider => namesKeys(providers[provider]));
  if (!named.length) return [];
  return [
    new PolicyStatement({
      sid: 'Attempts',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resources: [tableArn(scope, environment)],
      conditions: {
        // Without it, a call that tells no key would do.
        Null: { 'dynamodb:LeadingKeys': 'false' },
        'ForAllValues:StringLike': {
          'dynamodb:LeadingKeys': [
            ...named.map(provider => `attempt#${environment}/${provider}/*`),
            'unproven',
          ],
        },
      },
    }),
  ];
}
