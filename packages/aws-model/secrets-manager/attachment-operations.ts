// What is attached to a secret beside its value: tags and a resource policy.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import { secretId, tagConditions, tagRecord, tags } from './inputs';
import type { SecretTools } from './tools';

const maxTags = 50;

const policyInput = z.strictObject({
  SecretId: secretId,
  ResourcePolicy: z.string().min(1).max(20_480),
  BlockPublicPolicy: z.boolean().optional(),
});

const untagInput = z.strictObject({ SecretId: secretId, TagKeys: z.array(z.string().min(1).max(128)) });

export function attachmentOperations({ records, access }: SecretTools): Record<string, Operation> {
  return {
    TagResource: operation(z.strictObject({ SecretId: secretId, Tags: tags }), (input, call) => {
      const added = tagRecord(input.Tags);
      access.permit(call, input.SecretId, tagConditions(added));
      const { arn, tags: before } = records.getLive(input.SecretId);
      const all = { ...before, ...added };
      if (Object.keys(all).length > maxTags)
        throw new AwsError('InvalidParameterException', `A secret can have at most ${maxTags} tags.`);
      records.change(arn, { tags: all });
    }),

    UntagResource: operation(untagInput, ({ SecretId, TagKeys }, call) => {
      access.permit(call, SecretId, { 'aws:TagKeys': TagKeys.length ? TagKeys : undefined });
      const { arn, tags: before } = records.getLive(SecretId);
      const left = Object.entries(before).filter(([key]) => !TagKeys.includes(key));
      records.change(arn, { tags: Object.fromEntries(left) });
    }),

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
