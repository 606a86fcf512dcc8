// What the connector signs is right by the check that AWS's own test vectors hold.
import { isSignedWith } from '@keyturn/aws-model/wire/signature-v4';
import { iamEndpoint, signedQuery, stsEndpoint } from '../../../connectors/providers/aws-iam/aws-query';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' };
const now = new Date('2015-08-30T12:36:00Z');

test.each([iamEndpoint('eu-west-1'), iamEndpoint('cn-north-1'), stsEndpoint('eu-west-1')])(
  'a call to $origin is signed for $service in $region',
  async endpoint => {
    const parameters = { Action: 'CreateAccessKey', UserName: 'a b+c/ä=' };
    const { origin, headers = {}, form } = await signedQuery(endpoint, credentials, parameters, now);
    const text = new URLSearchParams(form as Record<string, string>).toString();
    expect(isSignedWith('not-a-secret', { origin: String(origin), headers, text })).toBe(true);
    expect(isSignedWith('another', { origin: String(origin), headers, text })).toBe(false);
    expect(headers.authorization).toContain(`/20150830/${endpoint.region}/${endpoint.service}/aws4_request`);
  },
);
