// What hangs on a secret besides its versions: tags and the resource policy.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import { type Operation, operation } from '../wire/operation';
import { secretId, tagRecord, tags } from './inputs';
import { tagConditions } from './lifecycle-operations';
import type { SecretTools } from './tools';

const policyInput = z.strictObject({
  SecretId: secretId,
  ResourcePolicy: z.string().min(1).max(20_480),
  BlockPublicPolicy: z.boolean().optional(),
});

const tagInput = z.strictObject({ SecretId: secretId, Tags: tags });
const untagInput = z.strictObject({
  SecretId: secretId,
  TagKeys: z.array(z.string().min(1).max(128)).max(50),
});
const onlySecret = z.strictObject({ SecretId: secretId });

export function attachmentOperations(tools: SecretTools): Record<string, Operation> {
  const { records, access } = tools;
  return {
    TagResource: operation(tagInput, (input, call) => {
      const added = tagRecord(input.Tags);
      access.permit(call, input.SecretId, tagConditions(added));
      const { arn, tags: old } = records.getLive(input.SecretId);
      records.change(arn, { tags: { ...old, ...added } });
    }),

    UntagResource: operation(untagInput, (input, call) => {
      access.permit(call, input.SecretId, { 'aws:TagKeys': input.TagKeys });
      const { arn, tags: old } = records.getLive(input.SecretId);
      const kept = Object.entries(old).filter(([key]) => !input.TagKeys.includes(key));
      records.change(arn, { tags: Object.fromEntries(kept) });
    }),

    PutResourcePolicy: operation(policyInput, (input, call) => {
      access.permit(call, input.SecretId, {
        'secretsmanager:BlockPublicPolicy':
          input.BlockPublicPolicy === undefined ? undefined : String(input.BlockPublicPolicy),
      });
      const secret = records.getLive(input.SecretId);
      const statements = statementsOf(input.ResourcePolicy);
      if (input.BlockPublicPolicy && statements.some(isPublic)) {
        throw new AwsError('PublicPolicyException', 'The resource policy grants broad access to the secret.');
      }
      if (!access.wouldAllow(call, secret, input.ResourcePolicy)) {
        throw new AwsError(
          'InvalidParameterException',
          'This resource policy would prevent you from changing it later.',
        );
      }
      records.change(secret.arn, { policy: input.ResourcePolicy });
      return { ARN: secret.arn, Name: secret.name };
    }),

    GetResourcePolicy: operation(onlySecret, ({ SecretId }, call) => {
      access.permit(call, SecretId);
      const { arn, name, policy } = records.getLive(SecretId);
      return { ARN: arn, Name: name, ResourcePolicy: policy };
    }),

    DeleteResourcePolicy: operation(onlySecret, ({ SecretId }, call) => {
      access.permit(call, SecretId);
      const { policy: _gone, ...secret } = records.getLive(SecretId);
      records.put({ ...secret, changedAt: tools.virtual.now() });
      return { ARN: secret.arn, Name: secret.name };
    }),
  };
}

type Statement = Record<string, unknown>;

function statementsOf(text: string): Statement[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw malformed();
  }
  const statements = (parsed as { Statement?: Statement | Statement[] } | null)?.Statement;
  if (!statements) throw malformed();
  const list = Array.isArray(statements) ? statements : [statements];
  if (!list.every(({ Effect, Principal, Action }) => Effect && Principal && Action)) throw malformed();
  return list;
}

function isPublic({ Effect, Principal, Condition }: Statement): boolean {
  const everyone = Principal === '*' || (Principal as { AWS?: unknown }).AWS === '*';
  return Effect === 'Allow' && everyone && !Condition;
}

function malformed(): AwsError {
  return new AwsError('MalformedPolicyDocumentException', 'This resource policy contains invalid Json');
}
