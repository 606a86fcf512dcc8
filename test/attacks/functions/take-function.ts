import {
  AddPermissionCommand,
  DeleteResourcePolicyCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-lambda';
import { rehearsedAttack } from '../attack';
import { foreignRole, statements, unlessDenied } from '../support/foreign';

const FunctionName = 'keyturn-prod-emergency-revoke';
const ResourceArn = `arn:aws:lambda:eu-central-1:111111111111:function:${FunctionName}`;
const nothing = JSON.stringify({ Version: '2012-10-17', Statement: [] });

export const attack = rehearsedAttack({
  about:
    'a role that may do anything with Lambda changes who may call a function, or calls a version that it published',
  guards: [statements('AWS::Lambda::ResourcePolicy', ({ Sid }) => Sid === 'OnlyDeploymentsChange')],
  async play(context) {
    const lambda = new LambdaClient(foreignRole(context, ['lambda:*']));
    const tries: [string, () => Promise<unknown>, string][] = [
      [
        'published a version',
        () => lambda.send(new PublishVersionCommand({ FunctionName })),
        `${FunctionName}:1`,
      ],
      [
        'let a rule of its own in',
        () =>
          lambda.send(
            new AddPermissionCommand({
              FunctionName,
              StatementId: 'mine',
              Action: 'lambda:InvokeFunction',
              Principal: 'events.amazonaws.com',
            }),
          ),
        FunctionName,
      ],
      [
        'put a policy',
        () => lambda.send(new PutResourcePolicyCommand({ ResourceArn, Policy: nothing })),
        FunctionName,
      ],
      [
        'took the policy away',
        () => lambda.send(new DeleteResourcePolicyCommand({ ResourceArn })),
        FunctionName,
      ],
    ];
    const done: string[] = [];
    for (const [what, send, name] of tries) {
      if (await unlessDenied(context, send)) done.push(what);
      const call = new InvokeCommand({ FunctionName: name, InvocationType: 'DryRun' });
      const called = await unlessDenied(context, () => lambda.send(call).catch(nobodyThere));
      if (called) done.push(`called ${name}`);
    }
    return done.length ? done.join(', ') : undefined;
  },
});

function nobodyThere(error: Error): undefined {
  if (error.name === 'ResourceNotFoundException') return undefined;
  throw error;
}
