// One IAM user, and the signed calls on its access keys.
import * as z from 'zod/mini';
import type { ListedKey } from '../../contract/connector';
import type { Http, HttpReply } from '../../http/http';
import * as aws from './aws-query';

export const settings = z.strictObject({
  userName: z.string().check(z.regex(/^[\w+=,.@-]{1,64}$/)),
  /** Where verification asks, and by that the partition; us-east-1 where absent. */
  region: z.optional(z.string().check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/))),
});
export type Settings = z.infer<typeof settings>;

/** Wrong clocks get SignatureDoesNotMatch as well, and prove nothing about the key. */
export function isRejection(text: string): boolean {
  const code = aws.xmlText(text, 'Code');
  const isClock = /Signature (expired|not yet current)/.test(text);
  return code === 'InvalidClientTokenId' || (code === 'SignatureDoesNotMatch' && !isClock);
}

export async function withLastUse(
  http: Http,
  issuer: aws.AwsCredential,
  settings: Settings,
  key: string,
): Promise<ListedKey> {
  const id = aws.needXmlText(key, 'AccessKeyId');
  const query = { AccessKeyId: id };
  const { text } = await ask(http, issuer, settings, 'GetAccessKeyLastUsed', query, { goneIsFine: true });
  const used = aws.xmlText(text, 'LastUsedDate');
  const createdAt = new Date(aws.needXmlText(key, 'CreateDate'));
  return { id, createdAt, lastUsedAt: used ? new Date(used) : undefined };
}

export async function ask(
  http: Http,
  issuer: aws.AwsCredential,
  { userName, region = 'us-east-1' }: Settings,
  action: string,
  parameters: Record<string, string>,
  { once, goneIsFine }: { once?: true; goneIsFine?: true } = {},
): Promise<HttpReply> {
  const form = { Action: action, ...parameters };
  const query = await aws.signedQuery(aws.iamEndpoint(region), issuer, form, http.now());
  const needs = `iam:${action} on user/${userName}${once ? ', and the user fewer than two keys' : ''}`;
  const expect = goneIsFine ? [200, 404] : [200];
  return http.send('POST', '/', { ...query, expect, needs, once, meaning: aws.awsMeaning });
}
