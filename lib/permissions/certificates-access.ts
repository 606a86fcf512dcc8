import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { tableArn } from '../config/aws/arns';

/** Lets a function that ends keys certify their ends, and write nothing else into the table. */
export function certifiesEnds(scope: Construct, environment: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'CertifiesEnds',
    actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resources: [tableArn(scope, environment)],
    conditions: {
      // Without it, a call that tells no key would do.
      Null: { 'dynamodb:LeadingKeys': 'false' },
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['certificate', 'second-look'] },
    },
  });
}
