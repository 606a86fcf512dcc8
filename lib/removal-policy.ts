import { RemovalPolicy } from 'aws-cdk-lib';
import type { PolicyName } from './config/policy';

/**
 * What becomes of a resource that holds something when its stack lets go of it: in prod it stays. But a first deploy that
 * fails takes it along, since nothing is in it yet and its name would block the next try.
 */
export function removalPolicyOf(policy: PolicyName): RemovalPolicy {
  return policy === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
