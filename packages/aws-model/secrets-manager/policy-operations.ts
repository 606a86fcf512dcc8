// The resource policy of a secret.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import { secretId } from './inputs';
import type { SecretTools } from './tools';

const policyInput = z.strictObject({
  SecretId: secretId,
  ResourcePolicy: z.string().min(1).max(20_480),
  BlockPublicPolicy: z.boolean().optional(),
});

export function policyOperations({ records, access }: SecretTools): Record<string, Operation> {
  return {
    PutResourcePolicy: operation(policyInput, ({ SecretId, ResourcePolicy, BlockPublicPolicy }, call) => {
      access.permit(call, SecretId, {
        'secretsmanager:BlockPublicPolicy':
          BlockPublicPolicy === undefined ? undefined : String(BlockPublicPolicy),
      });
      const { arn, name } = records.getLive(SecretId);
      const document = policyIn(ResourcePolicy);
      if (BlockPublicPolicy && isOpenToAll(document)) {
        throw new AwsError(
          'PublicPolicyException',
          'The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access to the secret.',
        );
      }
      records.change(arn, { policy: ResourcePolicy });
      return { ARN: arn, Name: name };
    }),

    DeleteResourcePolicy: operation(z.strictObject({ SecretId: secretId }), ({ SecretId }, call) => {
      access.permit(call, SecretId);
      const { arn, name } = records.getLive(SecretId);
      records.change(arn, { policy: undefined });
      return { ARN: arn, Name: name };
    }),
  };
}

const policyShape = z.looseObject({
  Statement: z.union([
    z.looseObject({ Effect: z.string() }),
    z.array(z.looseObject({ Effect: z.string() })).min(1),
  ]),
});

type Policy = z.output<typeof policyShape>;

function policyIn(text: string): Policy {
  try {
    return policyShape.parse(JSON.parse(text));
  } catch {
    throw new AwsError(
      'MalformedPolicyDocumentException',
      'This resource policy contains invalid Json or a statement without an effect.',
    );
  }
}

/** AWS reasons on conditions, too; without one, everybody is everybody. */
function isOpenToAll({ Statement }: Policy): boolean {
  return [Statement].flat().some(({ Effect, Principal, Condition }) => {
    const principals =
      typeof Principal === 'object' && Principal !== null ? Object.values(Principal) : [Principal];
    return Effect === 'Allow' && !Condition && principals.flat().includes('*');
  });
}
