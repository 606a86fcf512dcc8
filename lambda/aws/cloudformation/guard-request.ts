// What CloudFormation asks of the removal guard, and where the answer goes.
import { KeyturnError } from '../../../core/errors';

/** The custom resource that stands for what is in the bucket of a trail. */
export const trailLogType = 'Custom::KeyturnTrailLog';

/** What CloudFormation sends: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html */
export interface GuardRequest {
  RequestType: 'Create' | 'Update' | 'Delete';
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
  ResourceType: string;
  ResourceProperties: {
    /** Short names of keys that may be left alive, as the configuration says. */
    Abandoned?: readonly string[];
  };
}

/** @throws {KeyturnError} bad-event, for all that CloudFormation does not ask for this environment's platform stack */
export function readRequest(event: Partial<GuardRequest> | undefined, environment: string): GuardRequest {
  const {
    RequestType,
    ResponseURL,
    StackId,
    RequestId,
    LogicalResourceId,
    ResourceType,
    ResourceProperties,
  } = event ?? {};
  const isKnown = RequestType === 'Create' || RequestType === 'Update' || RequestType === 'Delete';
  const [, partition, region, stack] =
    /^arn:([\w-]+):cloudformation:([\w-]+):\d{12}:stack\/([\w-]+)\//.exec(String(StackId)) ?? [];
  const isAnswered = isAnswerUrl(ResponseURL, partition, region);
  if (isKnown && stack === `keyturn-${environment}` && isAnswered && StackId && ResponseURL)
    if (RequestId && LogicalResourceId && ResourceType && ResourceProperties)
      return {
        ...{ RequestType, ResponseURL, StackId, RequestId },
        ...{ LogicalResourceId, ResourceType, ResourceProperties },
      };
  throw new KeyturnError(
    'bad-event',
    `this event is not a CloudFormation request for keyturn-${environment}, the only kind that this function handles; nothing was done`,
  );
}

const domainSuffixes: Record<string, string> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
};

/**
 * Whether it is one of CloudFormation's own buckets for answers, in the stack's region: whoever else may call the function could have
 * it send to anywhere. docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html; S3 has three ways to write
 * the host.
 */
function isAnswerUrl(text: unknown, partition = '', region = ''): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, host, username, password } = new URL(text);
  const bucket = `cloudformation-custom-resource-response-${region.replaceAll('-', '')}`;
  const suffix = domainSuffixes[partition];
  const hosts = [`s3.${region}.${suffix}`, `s3-${region}.${suffix}`, `s3.${suffix}`];
  return protocol === 'https:' && !username && !password && hosts.some(s3 => host === `${bucket}.${s3}`);
}

/** @throws where it did not arrive: Lambda then calls the function again, before CloudFormation has given up */
export async function putAnswer(url: string, body: string): Promise<void> {
  // As bytes: the URL is signed for a body without a type, and text would be sent with one.
  const response = await fetch(url, {
    method: 'PUT',
    redirect: 'error',
    body: new TextEncoder().encode(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.ok) return;
  throw new KeyturnError(
    'no-answer',
    `CloudFormation's URL answered ${response.status} to this function's answer; it is sent again`,
  );
}
