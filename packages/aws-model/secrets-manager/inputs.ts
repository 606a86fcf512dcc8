// The shapes of Secrets Manager's inputs that several operations share, with the service's limits.
import * as z from 'zod';
import { AwsError } from '../wire/aws-error';
import type { Content } from './secret';
import { tokenMissing } from './secret-errors';

export const secretId = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[A-Za-z0-9/_+=.@!:-]+$/);
export const token = z.string().min(32).max(64).optional();
export const versionId = z.string().min(32).max(64);
export const stage = z.string().min(1).max(256);
export const description = z.string().max(2048).optional();
export const kmsKeyId = z.string().max(2048).optional();
export const tags = z
  .array(z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
  .max(50);
export const value = {
  SecretString: z.string().max(65_536).optional(),
  SecretBinary: z.string().max(87_384).optional(),
};

interface ValueInput {
  SecretString?: string | undefined;
  SecretBinary?: string | undefined;
}

/** Exactly one of text and bytes, or none. */
export function contentOf(input: ValueInput): Content | undefined {
  if (input.SecretString !== undefined && input.SecretBinary !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const content =
    input.SecretString !== undefined
      ? { SecretString: input.SecretString }
      : input.SecretBinary !== undefined && { SecretBinary: input.SecretBinary };
  if (content && sizeOf(content) > 65_536) {
    throw new AwsError('ValidationException', 'A secret value must not be longer than 65536 bytes.');
  }
  return content || undefined;
}

export function neededToken(
  given: string | undefined,
  code: 'InvalidRequestException' | 'InvalidParameterException',
): string {
  if (given === undefined) throw tokenMissing(code);
  return given;
}

export function tagRecord(list: readonly { Key: string; Value: string }[] = []): Record<string, string> {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

export function tagList(record: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(record).map(([Key, Value]) => ({ Key, Value }));
}

function sizeOf(content: Content): number {
  return 'SecretString' in content
    ? Buffer.byteLength(content.SecretString)
    : Buffer.from(content.SecretBinary, 'base64').length;
}

/** Of the tags that a request brings. */
export function tagConditions(
  newTags: Record<string, string>,
): Record<string, string | string[] | undefined> {
  const requested = Object.entries(newTags).map(([key, text]) => [`aws:RequestTag/${key}`, text]);
  const keys = Object.keys(newTags);
  return { ...Object.fromEntries(requested), 'aws:TagKeys': keys.length ? keys : undefined };
}

export function page<Item>(
  all: Item[],
  { MaxResults = 100, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
) {
  const start = Number(NextToken ?? 0);
  const end = start + MaxResults;
  return { items: all.slice(start, end), NextToken: end < all.length ? String(end) : undefined };
}
