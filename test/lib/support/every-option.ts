// The example with every option as CloudFormation would deploy it, put to the policy engine.
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { type Resource, readAssembly } from '@keyturn/aws-model/template/assembly';
import { PolicyEngine } from '@keyturn/iam/engine';
import { keys } from '../../../examples/every-option';
import type { Environment } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { exampleApp } from './example-app';

const config = validateConfig(keys);
const [found] = config.environments;
if (!found) throw new Error('the example has no environment');
export const environment: Environment = found;
export const { account, region, rolePath, vpc } = environment;
const { directory } = exampleApp(config).synth();
const stacks = ['keyturn-prod', 'keyturn-prod-support-bot', 'keyturn-prod-code-bot'];
export const { resources } = readAssembly(directory, stacks, seededRandom(1));
export const ofType = (type: string) => resources.filter(resource => resource.type === type);

export const engine = new PolicyEngine(account);
export const documentsOf = ({ properties }: Resource) =>
  (properties.Policies as { PolicyDocument: object }[]).map(({ PolicyDocument }) => PolicyDocument);
for (const role of ofType('AWS::IAM::Role')) engine.addForeignRole(String(role.arn), documentsOf(role));

export function may(
  role: string,
  action: string,
  resource: string,
  context: Record<string, string> = {},
): boolean {
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/session`;
  return engine.authorize({ caller: { arn, kind: 'role' }, action, resource, context, resourceTags: {} })
    .allowed;
}
