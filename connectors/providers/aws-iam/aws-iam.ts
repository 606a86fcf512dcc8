// Access keys of one IAM user: two at most, no names, and every key in the place belongs to the secret that names the user.
import * as z from 'zod/mini';
import { minuteMs } from '../../../core/time';
import type { IssueConnector, ListedKey, Verdict } from '../../contract/connector';
import { timeOf } from '../../contract/listed-time';
import { placeholder } from '../../contract/presented';
import type { Http, HttpReply } from '../../http/http';
import { everyPage } from '../../http/paging';
import * as aws from './aws-query';

const settings = z.strictObject({
  userName: z.string().check(z.regex(/^[\w+=,.@-]{1,64}$/)),
  /** Where verification asks, and by that the partition; us-east-1 where absent. */
  region: z.optional(z.string().check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/))),
});
type Settings = z.infer<typeof settings>;

export const awsIam: IssueConnector<aws.AwsCredential, Settings> = {
  provider: 'aws-iam',
  title: 'AWS IAM',
  kind: 'issue',
  tells: ['createdAt', 'lastUsedAt'],
  exclusive: true,
  // A user is the same from every region of its partition, and in small letters and large.
  placeOf: ({ userName, region = 'us-east-1' }) =>
    `${aws.iamEndpoint(region).origin} ${userName.toLowerCase()}`,
  origins: ({ region = 'us-east-1' }) => [aws.iamEndpoint(region).origin, aws.stsEndpoint(region).origin],
  issuer: z.object({
    accessKeyId: z.string().check(z.startsWith('AKIA')),
    secretAccessKey: z.string().check(z.minLength(1)),
  }),
  issuerHelp:
    '{"accessKeyId", "secretAccessKey"}: the access key of an IAM user with the permissions iam:CreateAccessKey, UpdateAccessKey, DeleteAccessKey, ListAccessKeys and GetAccessKeyLastUsed, only for the users in config/keys.ts',
  settings,
  scopes: 'none',
  example: {
    env: { AWS_ACCESS_KEY_ID: 'keyId', AWS_SECRET_ACCESS_KEY: 'secret' },
    settings: { userName: '{server}-user', region: 'us-east-1' },
    replace: 'userName and region: the IAM user whose access keys rotate, and the region that it calls.',
  },
  secretPattern: /^[A-Za-z0-9/+]{40}$/,
  // Every service; in China, below another name.
  callOrigins: ({ region = 'us-east-1' }) => [
    region.startsWith('cn-') ? 'https://*.amazonaws.com.cn' : 'https://*.amazonaws.com',
  ],
  presents: [{ in: 'signature', scheme: 'AWS4-HMAC-SHA256' }],
  placeholder: placeholder(40),
  // STS and IAM say 403 to a key that they do not know.
  unauthorizedMeansNotDone: true,
  // IAM is eventually consistent; no figure is documented.
  propagation: { createMs: minuteMs, revokeMs: minuteMs },
  nameMaxLength: Number.POSITIVE_INFINITY,

  async create(http, issuer, { settings }) {
    const user = { UserName: settings.userName };
    const { text } = await ask(http, issuer, settings, 'CreateAccessKey', user, { once: true });
    const keyId = aws.requireXmlText(text, 'AccessKeyId');
    return { keyId, secret: aws.requireXmlText(text, 'SecretAccessKey'), fields: { accessKeyId: keyId } };
  },

  async list(http, issuer, settings) {
    const keys = await everyPage('AWS IAM', async (marker: string | undefined) => {
      const place = { UserName: settings.userName, ...(marker && { Marker: marker }) };
      const { text } = await ask(http, issuer, settings, 'ListAccessKeys', place);
      const { members, marker: next } = aws.readXmlPage(text, 'ListAccessKeysResult');
      return { items: members, next };
    });
    return Promise.all(keys.map(key => withLastUse(http, issuer, settings, key)));
  },

  async revoke(http, issuer, keyId, settings) {
    const key = { UserName: settings.userName, AccessKeyId: keyId };
    const inactive = { ...key, Status: 'Inactive' };
    const { status } = await ask(http, issuer, settings, 'UpdateAccessKey', inactive, { goneIsFine: true });
    if (status !== 404) await ask(http, issuer, settings, 'DeleteAccessKey', key, { goneIsFine: true });
  },

  verify: (http, { secret, keyId }, settings) =>
    // A key of another user would work as well, but could not be revoked here.
    identify(http, { accessKeyId: keyId, secretAccessKey: secret }, settings, `/${settings.userName}`),

  control: (http, issuer, settings) => identify(http, issuer, settings, ''),
};

/** Any key may ask who it is. Live keys are turned away as well: in a region or partition where their account is not known. */
async function identify(
  http: Http,
  credential: aws.AwsCredential,
  { region = 'us-east-1' }: Settings,
  name: string,
): Promise<Verdict> {
  const query = { Action: 'GetCallerIdentity' };
  const request = await aws.signedQuery(aws.stsEndpoint(region), credential, query, http.now());
  const named = z.string().check(z.refine(text => aws.xmlText(text, 'Arn')?.endsWith(name) ?? false));
  return http.probe('POST', '/', request, [
    ['accepted', 200, named],
    ['unknown', 403, aws.wrongClock],
    ['denied', 403, aws.coded('InvalidClientTokenId', 'SignatureDoesNotMatch')],
  ]);
}

async function withLastUse(
  http: Http,
  issuer: aws.AwsCredential,
  settings: Settings,
  key: string,
): Promise<ListedKey> {
  const id = aws.requireXmlText(key, 'AccessKeyId');
  const query = { AccessKeyId: id };
  const { status, text } = await ask(http, issuer, settings, 'GetAccessKeyLastUsed', query, {
    goneIsFine: true,
  });
  // Of a key that was not used there is no date.
  const used = status === 404 ? undefined : (aws.xmlText(text, 'LastUsedDate') ?? null);
  const createdAt = new Date(aws.requireXmlText(key, 'CreateDate'));
  return { id, createdAt, lastUsedAt: timeOf(used) };
}

async function ask(
  http: Http,
  issuer: aws.AwsCredential,
  { userName, region = 'us-east-1' }: Settings,
  action: string,
  parameters: Record<string, string>,
  { once, goneIsFine }: { once?: true; goneIsFine?: true } = {},
): Promise<HttpReply> {
  const form = { Action: action, ...parameters };
  const query = await aws.signedQuery(aws.iamEndpoint(region), issuer, form, http.now());
  const needs = `iam:${action} on user/${userName}`;
  const expect = goneIsFine ? [200, 404] : [200];
  return http.send('POST', '/', { ...query, expect, needs, once, causes: aws.causes });
}
