// Orders that the CLI sends prove who gave them: by a signature that AWS would accept, made for this order alone.
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isSignedWith, readSignature } from '@keyturn/aws-model/wire/signature-v4';
import { mockClient } from 'aws-sdk-client-mock';
import type { Aws } from '../../../../bin/aws/aws';
import { requestFromEmergency } from '../../../../bin/aws/functions/emergency';
import { identityCall, orderHeader, provenCaller } from '../../../../lambda/aws/emergency/caller-proof';
import { readOrder } from '../../../../lambda/aws/emergency/orders';

const secretAccessKey = 'the-secret';
const address = { environment: 'prod', provider: 'sendgrid', server: 'support-bot', purpose: 'main' };

test('the signature is of GetCallerIdentity in this region, with the digest of the order among what is signed', async () => {
  const lambda = mockClient(LambdaClient).on(InvokeCommand).resolves({});
  const region = 'eu-central-1';
  const credentials = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey, sessionToken: 'a-session' };
  const aws = {
    environment: { name: 'prod', region },
    caller: 'arn:aws:sts::333333333333:assumed-role/admin/me',
    secretsManager: new SecretsManagerClient({ region, credentials }),
  } as unknown as Aws;
  const order = {
    kind: 'silence',
    key: address,
    minutes: 60,
    reason: 'a test',
    requestedBy: aws.caller,
  } as const;
  await requestFromEmergency(aws, order);
  const [call] = lambda.commandCalls(InvokeCommand);
  lambda.restore();

  const read = readOrder(JSON.parse(Buffer.from(call!.args[0].input.Payload as Buffer).toString()));
  if (!('order' in read) || !('proof' in read.order) || !read.order.proof) throw new Error('no proof');
  const { proof } = read.order;
  const post = { origin: 'https://sts.eu-central-1.amazonaws.com', headers: proof, text: identityCall };
  expect(isSignedWith(secretAccessKey, post)).toBe(true);
  expect(isSignedWith(secretAccessKey, { ...post, headers: { ...proof, [orderHeader]: 'another' } })).toBe(
    false,
  );
  expect(readSignature(post)).toMatchObject({ accessKeyId: 'ASIAEXAMPLE', service: 'sts' });
  expect(await provenCaller(read.order, async () => 'whom AWS names')).toBe('whom AWS names');
  expect(
    await provenCaller({ ...read.order, minutes: 61 } as typeof read.order, async () => 'x'),
  ).toBeUndefined();
});
