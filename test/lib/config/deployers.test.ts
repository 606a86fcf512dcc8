// Who counts as a deployer: exactly the role of the stack's synthesizer, or those that the configuration names.
import {
  App,
  CliCredentialsStackSynthesizer,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  LegacyStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import { deployersOf } from '../../../lib/config/deployers';

function stackWith(synthesizer?: IStackSynthesizer, context = {}): Stack {
  const app = new App({ context });
  const env = { account: '333333333333', region: 'eu-central-1' };
  return new Stack(app, 'keyturn-prod', { env, synthesizer });
}

const found = (stack: Stack) => stack.resolve(deployersOf(stack, { name: 'prod' }));
const inPartition = (resource: string) => [
  { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::333333333333:${resource}`]] },
];

test("the deployer is the role through which CloudFormation deploys, with the bootstrap's qualifier", () => {
  expect(found(stackWith())).toEqual(
    inPartition('role/cdk-hnb659fds-cfn-exec-role-333333333333-eu-central-1'),
  );
  expect(found(stackWith(undefined, { '@aws-cdk/core:bootstrapQualifier': 'keyturn' }))).toEqual(
    inPartition('role/cdk-keyturn-cfn-exec-role-333333333333-eu-central-1'),
  );
});

test('the deployer is a role of its own, with a path and placeholders', () => {
  const cloudFormationExecutionRole = `arn:aws:iam::\${AWS::AccountId}:role/ci/\${Qualifier}-\${AWS::Region}`;
  const synthesizer = new DefaultStackSynthesizer({ qualifier: 'kt', cloudFormationExecutionRole });
  expect(found(stackWith(synthesizer))).toEqual(['arn:aws:iam::333333333333:role/ci/kt-eu-central-1']);
});

test.each([
  ['CliCredentialsStackSynthesizer', new CliCredentialsStackSynthesizer()],
  ['LegacyStackSynthesizer', new LegacyStackSynthesizer()],
])('%s has no such role, and says what to set', (name, synthesizer) => {
  const stack = stackWith(synthesizer);
  expect(() => deployersOf(stack, { name: 'prod' })).toThrow(
    `prod: stack keyturn-prod has a synthesizer without a CloudFormation execution role (${name}), so Keyturn cannot tell who deploys it; set deployers: ['arn:aws:iam::333333333333:role/<name>'] to the roles that deploy`,
  );
  const deployers = ['arn:aws:iam::333333333333:role/ci/deploys'];
  expect(deployersOf(stack, { name: 'prod', deployers })).toEqual(deployers);
});
