// Custom resources: CloudFormation calls a function with a request, and the function puts its answer to a pre-signed URL. No answer
// in time is a failure. What AWS does: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html

import { randomUUID } from 'node:crypto';
import type { Caller } from '@keyturn/iam/request';
import type { Virtual } from '../clock/virtual';
import type { AsyncInvocations } from '../lambda/async-invocations';
import { domainSuffixOf } from '../shared/arn';
import { stackArn } from '../shared/identifiers';
import type { Resource } from '../template/assembly';
import { AwsError } from '../wire/aws-error';
import type { HttpAnswer, HttpRequest } from '../wire/protocol';

export interface CustomResources {
  /** @returns its physical id, as the function told it. @throws {AwsError} where it fails, or does not answer in time */
  create(resource: Resource): Promise<string>;
  /** @returns its physical id: another than before, where the old one has to go. @throws {AwsError} as above */
  update(resource: Resource, before: Resource, physicalId: string): Promise<string>;
  /** @throws {AwsError} as above */
  delete(resource: Resource, physicalId: string): Promise<void>;
  /** A request that carries no signature of an AWS call. @returns undefined, where it is not for a pre-signed URL of an answer */
  takeAnswer(request: HttpRequest): HttpAnswer | undefined;
}

interface CustomResourceResponse {
  Status?: unknown;
  Reason?: unknown;
  PhysicalResourceId?: unknown;
  StackId?: unknown;
  RequestId?: unknown;
  LogicalResourceId?: unknown;
}

const longestTimeoutSeconds = 3600;
const answerMaxBytes = 4096;

export function createCustomResources(parts: {
  virtual: Virtual;
  account: string;
  region: string;
  invocations: AsyncInvocations;
  /** Whose permissions CloudFormation has. */
  deployer?: Caller | undefined;
}): CustomResources {
  const { virtual, region, deployer } = parts;
  /** By path of their URL; each is answered once. */
  const asked = new Map<string, (text: string) => void>();

  async function ask(
    resource: Resource,
    request: { RequestType: 'Create' | 'Update' | 'Delete' } & Record<string, unknown>,
  ): Promise<string> {
    const { properties, logicalId, type } = resource;
    if (!deployer)
      throw new Error(`${resource.path} needs a deployer, with whose permissions its function is called`);
    const StackId = stackArn(parts, resource.stack);
    const RequestId = randomUUID();
    const path = `/${encodeURIComponent(`${StackId}|${logicalId}|${RequestId}`)}`;
    const bucket = `cloudformation-custom-resource-response-${region.replaceAll('-', '')}`;
    const common = { StackId, RequestId, LogicalResourceId: logicalId };
    const event = {
      ...request,
      ...common,
      ServiceToken: properties.ServiceToken,
      ResponseURL: `https://${bucket}.s3.${region}.${domainSuffixOf(region)}${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=${randomUUID()}`,
      ResourceType: type,
      ResourceProperties: asTexts(properties),
    };
    const answer = new Promise<string | undefined>((resolve, reject) => {
      const cancel = virtual.schedule(
        new Date(virtual.now().getTime() + timeoutSecondsOf(properties) * 1000),
        `time-out of ${resource.path}`,
        () => resolve(undefined),
      );
      asked.set(path, told => {
        cancel();
        resolve(told);
      });
      const sent = parts.invocations.accept(String(properties.ServiceToken), event, { caller: deployer });
      if (sent === 'delivered') return;
      cancel();
      reject(new AwsError(sent.code, sent.message));
    });
    const text = await virtual.until(answer).finally(() => asked.delete(path));
    if (text === undefined)
      throw failure(
        `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${RequestId}].`,
      );
    return readAnswer(text, common, String(request.PhysicalResourceId ?? ''));
  }

  return {
    create: resource => ask(resource, { RequestType: 'Create' }),
    update: (resource, before, physicalId) =>
      ask(resource, {
        RequestType: 'Update',
        PhysicalResourceId: physicalId,
        OldResourceProperties: asTexts(before.properties),
      }),
    delete: async (resource, physicalId) =>
      void (await ask(resource, { RequestType: 'Delete', PhysicalResourceId: physicalId })),
    takeAnswer({ method, path, headers, body }) {
      const [place = '', query = ''] = path.split('?');
      if (method !== 'PUT' || !query.includes('X-Amz-Signature=')) return undefined;
      const answered = (status: number, code = '') => ({
        status,
        headers: {},
        body: code && `<Error><Code>${code}</Code></Error>`,
      });
      // The URL is signed for a body of no type.
      if (headers['content-type']) return answered(403, 'SignatureDoesNotMatch');
      asked.get(place)?.(body.toString('utf8'));
      return answered(200);
    },
  };
}

/** @param PhysicalResourceId of what is there already */
function readAnswer(text: string, common: Record<string, string>, PhysicalResourceId: string): string {
  if (Buffer.byteLength(text) > answerMaxBytes) throw failure('Response object is too long.');
  let answer: CustomResourceResponse;
  try {
    answer = JSON.parse(text) as CustomResourceResponse;
  } catch {
    throw failure('Invalid Response object: Value of property Response must be an object');
  }
  for (const [field, value] of Object.entries(common))
    if (answer[field as keyof CustomResourceResponse] !== value)
      throw failure(`Invalid Response object: ${field} does not match the request`);
  const physicalId = answer.PhysicalResourceId ?? PhysicalResourceId;
  if (answer.Status === 'FAILED')
    throw failure(
      `Received response status [FAILED] from custom resource. Message returned: ${String(answer.Reason ?? '')}`,
    );
  if (answer.Status !== 'SUCCESS')
    throw failure('Invalid Response object: Value of property Status must be SUCCESS or FAILED');
  if (typeof physicalId !== 'string' || !physicalId || Buffer.byteLength(physicalId) > 1024)
    throw failure('Invalid PhysicalResourceId');
  return physicalId;
}

function timeoutSecondsOf({ ServiceTimeout = longestTimeoutSeconds }: Record<string, unknown>): number {
  const seconds = Number(ServiceTimeout);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= longestTimeoutSeconds) return seconds;
  throw new AwsError(
    'ValidationError',
    `ServiceTimeout must be an integer from 1 to ${longestTimeoutSeconds}`,
  );
}

function failure(message: string): AwsError {
  return new AwsError('GeneralServiceException', message);
}

/** CloudFormation hands numbers and booleans on as text. */
function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asTexts(part)]));
  return String(value);
}
