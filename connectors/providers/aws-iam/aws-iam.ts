// Access keys of one IAM user: two at most, no names, and every key in the place belongs to the secret that names the user.
import * as z from 'zod/mini';
import { minuteMs } from '../../../core/time';
import type { IssueConnector } from '../../contract/connector';
import type { HttpReply } from '../../http/http';
import { everyPage } from '../../http/paging';
import { ask, isRejection, type Settings, settings, withLastUse } from './aws-iam-calls';
import * as aws from './aws-query';

export const awsIam: IssueConnector<aws.AwsCredential, Settings> = {
  provider: 'aws-iam',
  title: 'AWS IAM',
  kind: 'issue',
  exclusive: true,
  origins: ({ region = 'us-east-1' }) => [aws.iamEndpoint(region).origin, aws.stsEndpoint(region).origin],
  issuer: z.object({
    accessKeyId: z.string().check(z.startsWith('AKIA')),
    secretAccessKey: z.string().check(z.minLength(1)),
  }),
  issuerHelp:
    '{"accessKeyId", "secretAccessKey"}: of an IAM user with iam:CreateAccessKey, UpdateAccessKey, DeleteAccessKey, ListAccessKeys and GetAccessKeyLastUsed on the users of config/keys.ts only',
  settings,
  scopes: 'none',
  secretPattern: /^[A-Za-z0-9/+]{40}$/,
  // IAM is eventually consistent; no figure is documented.
  propagation: { createMs: minuteMs, revokeMs: minuteMs },
  nameMaxLength: Number.POSITIVE_INFINITY,

  async create(http, issuer, { settings }) {
    const user = { UserName: settings.userName };
    const { text } = await ask(http, issuer, settings, 'CreateAccessKey', user, { once: true });
    const keyId = aws.needXmlText(text, 'AccessKeyId');
    return { keyId, secret: aws.needXmlText(text, 'SecretAccessKey'), fields: { accessKeyId: keyId } };
  },

  async list(http, issuer, settings) {
    const keys = await everyPage('AWS IAM', async (marker: string | undefined) => {
      const place = { UserName: settings.userName, ...(marker && { Marker: marker }) };
      const { text } = await ask(http, issuer, settings, 'ListAccessKeys', place);
      const more = aws.needXmlText(text, 'IsTruncated') === 'true';
      return { items: aws.xmlMembers(text), next: more ? aws.needXmlText(text, 'Marker') : undefined };
    });
    return Promise.all(keys.map(key => withLastUse(http, issuer, settings, key)));
  },

  async revoke(http, issuer, keyId, settings) {
    const key = { UserName: settings.userName, AccessKeyId: keyId };
    const inactive = { ...key, Status: 'Inactive' };
    const { status } = await ask(http, issuer, settings, 'UpdateAccessKey', inactive, { goneIsFine: true });
    if (status !== 404) await ask(http, issuer, settings, 'DeleteAccessKey', key, { goneIsFine: true });
  },

  async verify(http, { secret, keyId }, { userName, region = 'us-east-1' }) {
    const credential = { accessKeyId: keyId, secretAccessKey: secret };
    const query = { Action: 'GetCallerIdentity' };
    const request = await aws.signedQuery(aws.stsEndpoint(region), credential, query, http.now());
    // A key of another user would work as well, but could not be revoked here.
    const isUser = (text: string) => aws.xmlText(text, 'Arn')?.endsWith(`/${userName}`) ?? false;
    const accepted = ({ status, text }: HttpReply) => status === 200 && isUser(text);
    const rejected = ({ status, text }: HttpReply) => status === 403 && isRejection(text);
    return http.probe('POST', '/', request, { accepted, rejected });
  },
};
