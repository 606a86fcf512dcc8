// Requests to a function's URL, from anybody on the internet: let in by the function's policy alone.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html#urls-auth-none and urls-invocation.html#urls-payloads
import { anonymous } from '@keyturn/iam/request';
import type { Random, Virtual } from '../clock/virtual';
import { uuid } from '../shared/identifiers';
import type { Functions } from './functions';

export interface UrlRequest {
  method: string;
  headers: Record<string, string>;
  /** Of any bytes: Lambda passes on what is not text in base64. */
  body?: Buffer;
}

export interface UrlReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface FunctionUrls {
  /** Resolves once the function has answered, on virtual time. */
  request(functionName: string, request: UrlRequest): Promise<UrlReply>;
}

/** Lambda's limit on what it passes on. */
const largestBody = 6 * 1024 * 1024;

const refused = (status: number, message: string): UrlReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ Message: message }),
});

export function createFunctionUrls(parts: {
  functions: Functions;
  virtual: Virtual;
  random: Random;
}): FunctionUrls {
  const { functions, virtual, random } = parts;
  return {
    async request(functionName, { method, headers, body = Buffer.alloc(0) }) {
      const authType = functions.find(functionName)?.urlAuthType;
      if (!authType) return refused(403, 'Forbidden');
      const isLetIn =
        functions.mayInvoke(
          anonymous,
          functionName,
          { 'lambda:FunctionUrlAuthType': authType },
          'InvokeFunctionUrl',
        ).allowed &&
        functions.mayInvoke(anonymous, functionName, { 'lambda:InvokedViaFunctionUrl': 'true' }).allowed;
      if (!isLetIn) return refused(403, 'Forbidden');
      if (body.length > largestBody) return refused(413, 'Request Entity Too Large');
      const requestId = uuid(random);
      const event = {
        version: '2.0',
        routeKey: '$default',
        rawPath: '/',
        rawQueryString: '',
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        requestContext: {
          accountId: 'anonymous',
          http: { method, path: '/', protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'scanner' },
          requestId,
          routeKey: '$default',
          stage: '$default',
          timeEpoch: virtual.now().getTime(),
        },
        ...(body.length && passedOn(body)),
      };
      const running = functions.run(functionName, event, { principal: anonymous.arn, requestId });
      await virtual.holdUntil(running);
      const result = await running;
      if (!result.ok)
        return result.error.errorType === 'TooManyRequestsException'
          ? refused(429, 'Rate Exceeded.')
          : refused(502, 'Internal Server Error');
      return replyOf(result.payload);
    },
  };
}

function passedOn(body: Buffer): { body: string; isBase64Encoded: boolean } {
  const text = body.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(body);
  return { body: isText ? text : body.toString('base64'), isBase64Encoded: !isText };
}

/** A function answers with a status, headers and a body, or with the body alone. */
function replyOf(payload: unknown): UrlReply {
  const answer = payload as { statusCode?: unknown; headers?: Record<string, string>; body?: unknown } | null;
  if (typeof answer?.statusCode !== 'number')
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload) };
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: String(answer.body ?? '') };
}
