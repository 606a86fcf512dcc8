// Who gave an order. Lambda tells a function nothing about who invoked it, and trails do not record invocations unless they are
// told to. So whoever orders signs a call of GetCallerIdentity that bears the order's digest, and the function sends it: AWS
// then names who signed. The signature is good for that one call only, for fifteen minutes, and for no other order.
import { createHash } from 'node:crypto';
import { clientSettings } from '../runtime/client-settings';
import { describeError, logger } from '../runtime/logger';
import type { EmergencyCall } from './emergency-call';
import type { CallerProof, EmergencyOrder } from './orders';

export const orderHeader = 'x-keyturn-order';
export const identityCall = 'Action=GetCallerIdentity&Version=2011-06-15';

/** Nothing else of what was sent reaches AWS. */
const passedOn = [
  'authorization',
  'content-type',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  orderHeader,
];

/** The whole header, so that no part of it can be read here in another way than at AWS. */
const signature = /^AWS4-HMAC-SHA256 Credential=[\w/-]+, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]+$/;

/** @returns ARN of whoever signed; throws where AWS does not accept the signature */
export type AskAws = (proof: CallerProof) => Promise<string | undefined>;

/** The same in whatever order the fields come. */
export function orderDigest(order: Omit<EmergencyOrder, 'proof'>): string {
  const inOrder = (_: string, value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return createHash('sha256').update(JSON.stringify(order, inOrder)).digest('hex');
}

/** @returns ARN of whoever gave the order; `undefined` where nothing proves it */
export async function provenCaller(call: EmergencyCall, askAws: AskAws): Promise<string | undefined> {
  if (!('proof' in call) || !call.proof) return undefined;
  const { proof, ...order } = call;
  const [, signedHeaders = ''] = signature.exec(proof.authorization ?? '') ?? [];
  // A header beside the signed ones could be anybody's, beside a signature that was made for another order.
  if (!signedHeaders.split(';').includes(orderHeader) || proof[orderHeader] !== orderDigest(order))
    return undefined;
  try {
    return await askAws(proof);
  } catch (error) {
    logger.warn('AWS does not say who signed an order', { error: describeError(error) });
    return undefined;
  }
}

export const askSts: AskAws = async proof => {
  // Loaded here: most invocations are no orders.
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const sent = Object.entries(proof).filter(([header]) => passedOn.includes(header));
  const client = new STSClient({
    ...clientSettings,
    // The request goes out as its caller signed it.
    signer: async () => ({
      sign: async request => {
        const { host = request.hostname } = request.headers;
        const length = { 'content-length': String(identityCall.length) };
        return Object.assign(request, {
          body: identityCall,
          headers: { host, ...length, ...Object.fromEntries(sent) },
        });
      },
    }),
  });
  try {
    return (await client.send(new GetCallerIdentityCommand())).Arn;
  } finally {
    client.destroy();
  }
};
