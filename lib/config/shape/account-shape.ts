// What stands in an AWS account, as config/keys.ts names it: ARNs and ids, tags, a place in a VPC.
import * as z from 'zod';

export const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });

export const roleArn = text(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'is not the ARN of a role; write arn:aws:iam::<account>:role/<name>',
);
export const adminArn = text(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-][\w+=,.@/*-]*$/,
  'is not the ARN of a role; write arn:aws:iam::<account>:role/<name>, where * matches within the name',
);

export const policyArn = text(
  /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
  'is not the ARN of an IAM policy; write arn:aws:iam::<account>:policy/<name>',
);
export const rolePath = text(
  /^\/([\w+=,.@-]+\/)+$/,
  'is not a path of roles; write it like /platform/, with a slash at both ends',
).max(512, { error: 'is too long for a path of roles; use at most 512 characters' });

/** Letters, digits, spaces and _ . : / = + - @ are what every service takes. */
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
/** AWS takes 50 on a resource, and Keyturn puts up to six of its own there. */
const tagsAtMost = 40;

export const tagsShape = z
  .record(
    z
      .string()
      .regex(/^(?!(aws|keyturn):)/i, {
        error: 'is reserved; choose a tag key that does not begin with aws: or keyturn:',
      })
      .regex(tagText, { error: 'is not a tag key; use letters, digits, spaces and _ . : / = + - @' })
      .regex(/^.{1,128}$/u, { error: 'is not a tag key; use 1 to 128 characters' }),
    z
      .string({ error: 'is not a tag value; write text, in quotes' })
      .regex(tagText, { error: 'is not a tag value; use letters, digits, spaces and _ . : / = + - @' })
      .max(256, { error: 'is too long for a tag value; use at most 256 characters' }),
    { error: "must be an object; write it like { 'cost-center': '1234' }" },
  )
  .refine(tags => Object.keys(tags).length <= tagsAtMost, {
    error: `are too many for AWS; use at most ${tagsAtMost}`,
  });

const isWithoutTwins = (names: readonly string[]) => new Set(names).size === names.length;

export const vpcShape = z
  .strictObject({
    subnetIds: z
      .array(
        text(/^subnet-[0-9a-f]{8,17}$/, 'is not the id of a subnet; write it like subnet-0123456789abcdef0'),
        {
          error: 'is not a list; give the ids of subnets',
        },
      )
      .min(2, { error: 'would stop every function if one zone fails; give subnets in two zones or more' })
      .max(16, { error: 'are too many for Lambda; give at most 16' })
      .refine(isWithoutTwins, { error: 'name a subnet twice; name each once' }),
    securityGroupIds: z
      .array(
        text(/^sg-[0-9a-f]{8,17}$/, 'is not the id of a security group; write it like sg-0123456789abcdef0'),
        {
          error: 'is not a list; give the ids of security groups',
        },
      )
      .min(1, { error: 'is empty, and Lambda needs one; give the id of a security group' })
      .max(5, { error: 'are too many for Lambda; give at most 5' }),
  })
  .describe("must be an object; write it like { subnetIds: ['subnet-...'], securityGroupIds: ['sg-...'] }");

/** An alias could be moved to another key. */
const keyArn = text(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  'is not the ARN of a KMS key; write arn:aws:kms:<region>:<account>:key/<id>',
);
export const otherTopicsShape = z.array(
  z
    .strictObject({
      arn: text(
        /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
        'is not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>',
      ),
      gets: z.enum(['messages', 'chat', 'alarms'], {
        error: 'is unknown; use one of "messages", "chat", "alarms"',
      }),
      kmsKey: keyArn.optional(),
    })
    .describe("must be an object; write it like { arn: 'arn:aws:sns:...', gets: 'messages' }"),
  { error: 'is not a list; give topics, each with its arn and what it gets' },
);

export const kmsKeyShape = z
  .strictObject({
    arn: keyArn,
    admins: z
      .array(adminArn, { error: 'is not a list; name the roles that change the policy of the key' })
      .min(1, {
        error: "is empty, so no one else could change the key's policy; name the roles that manage the key",
      }),
  })
  .describe("must be an object; write it like { arn: 'arn:aws:kms:...', admins: ['arn:aws:iam::...'] }");
