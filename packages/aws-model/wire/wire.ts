// One loopback server for all services: the credential scope of a signature names the service, its protocol the operation.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Caller } from '@keyturn/iam/request';
import type { Virtual } from '../clock/virtual';
import { addToNewest } from '../shared/newest';
import { AwsError, NotModelled } from './aws-error';
import type { AwsFault, CallRecord, Intercept, Violation } from './calls';
import { closeServer, listenOnLoopback, readBody } from './loopback';
import { type Call, type Service, UnfitParameters, validationText } from './operation';
import { awsJson, type HttpAnswer, type HttpRequest } from './protocol';
import type { Throttle } from './quotas';

export interface Wire {
  /** @param port on loopback. @default - any that is free */
  listen(port?: number): Promise<{ endpoint: string; close(): Promise<void> }>;
  /** The newest; `onCall` is told of all. */
  readonly calls: readonly CallRecord[];
  readonly violations: readonly Violation[];
}

export interface WireParts {
  virtual: Virtual;
  region: string;
  services: readonly Service[];
  identify(accessKeyId: string): Caller | undefined;
  intercept?: Intercept | undefined;
  onCall?: ((record: CallRecord) => void) | undefined;
  /** Answers tell no milliseconds. */
  wholeSecondDates?: boolean | undefined;
  /** Absent where quotas are not to be enforced. */
  throttle?: Throttle | undefined;
  /** What comes to a pre-signed URL. @returns undefined for any other request without a signature */
  takeAnswer?: ((request: HttpRequest) => HttpAnswer | undefined) | undefined;
  /** Told of every call that a service carried out or refused. */
  ended(call: Call, outcome: { result?: unknown; error?: AwsError }): void;
}

type WireOutcome = { answer: HttpAnswer; errorCode?: string } | 'dropped';

export function createWire(parts: WireParts): Wire {
  const calls: CallRecord[] = [];
  let callCount = 0;
  const violations: Violation[] = [];

  function record(call: Call, outcome: WireOutcome): void {
    const entry: CallRecord = {
      n: ++callCount,
      at: parts.virtual.now(),
      service: call.service,
      operation: call.operation,
      caller: call.caller,
      ...(call.resource && { resource: call.resource }),
      ...(outcome === 'dropped'
        ? { status: 0 }
        : { status: outcome.answer.status, ...(outcome.errorCode && { errorCode: outcome.errorCode }) }),
    };
    addToNewest(calls, entry);
    parts.onCall?.(entry);
  }

  /** @param protocol of the service, so that its client can read the answer */
  function violate(service: string, operation: string, text: string, protocol = awsJson('1.1')): HttpAnswer {
    violations.push({ at: parts.virtual.now(), service, operation, text });
    return protocol.error(new AwsError('NotModelled', text, 501), randomUUID());
  }

  async function carryOut(
    service: Service,
    call: Call,
    fault: AwsFault | undefined,
  ): Promise<Exclude<WireOutcome, 'dropped'>> {
    const { protocol } = service;
    try {
      parts.throttle?.take(service, call.operation);
      const operation = service.operations[call.operation];
      if (!operation)
        throw new NotModelled(`${call.service}.${call.operation} is not modelled; add it to the model`);
      const run = async () => operation.run({ ...call.params }, call);
      const result = await (fault?.kind === 'instead' ? fault.answer(run) : run());
      parts.ended(call, { result });
      const told = parts.wholeSecondDates ? inWholeSeconds(result) : result;
      return { answer: protocol.answer(call.operation, told, call.requestId) };
    } catch (error) {
      const refusal = asRefusal(error, service);
      if (refusal) {
        parts.ended(call, { error: refusal });
        return { answer: protocol.error(refusal, call.requestId), errorCode: refusal.code };
      }
      const text =
        error instanceof NotModelled
          ? error.message
          : `the model failed in ${call.operation}: ${String(error)}`;
      return { answer: violate(call.service, call.operation, text, protocol), errorCode: 'NotModelled' };
    }
  }

  async function answerCall(service: Service, call: Call): Promise<WireOutcome> {
    const fault = parts.intercept?.(call);
    const refused = fault && refusal(fault);
    if (fault?.kind === 'refuse-before') return 'dropped';
    if (refused) return { answer: service.protocol.error(refused, call.requestId), errorCode: refused.code };
    if (fault?.kind === 'hang-before') await parts.virtual.holdUntil(fault.until);
    const outcome = await carryOut(service, call, fault);
    if (fault?.kind === 'hang-after') await parts.virtual.holdUntil(fault.until);
    return fault?.kind === 'lose-answer' ? 'dropped' : outcome;
  }

  function answerUnsigned(request: HttpRequest): WireOutcome {
    const taken = parts.takeAnswer?.(request);
    if (taken) return { answer: taken };
    const where = `${request.method} ${request.path}`;
    const text = `${where} carries no SigV4 signature; only signed AWS calls are answered`;
    return { answer: violate(where, '', text) };
  }

  async function handle(request: HttpRequest): Promise<WireOutcome> {
    const scope = credentialScope(request);
    if (!scope) return answerUnsigned(request);
    const where = scope.service;
    const service = parts.services.find(({ name }) => name === where);
    if (!service)
      return { answer: violate(where, '', `the service ${where} is not modelled; add it to the model`) };
    if (scope.region !== parts.region && !service.isEverywhere) {
      const text = `a call was signed for ${scope.region}; of ${where} the model plays ${parts.region}`;
      return { answer: violate(where, '', text, service.protocol) };
    }
    const requestId = randomUUID();
    const caller = parts.identify(scope.accessKeyId);
    if (!caller) {
      const unknown = new AwsError(
        'UnrecognizedClientException',
        'The security token included in the request is invalid.',
      );
      return { answer: service.protocol.error(unknown, requestId), errorCode: unknown.code };
    }
    let read: ReturnType<typeof service.protocol.read>;
    try {
      read = service.protocol.read(request);
    } catch (error) {
      return {
        answer: violate(where, '', `a request could not be read: ${String(error)}`, service.protocol),
      };
    }
    const call: Call = {
      ...read,
      requestId,
      caller,
      service: service.name,
      userAgent: String(request.headers['user-agent'] ?? ''),
      region: scope.region,
    };
    const outcome = await answerCall(service, call);
    record(call, outcome);
    return outcome;
  }

  return {
    calls,
    violations,
    async listen(port = 0) {
      const server = createServer((incoming, reply) => {
        // Clients take a server's time that is not theirs for a skewed clock, and ask again.
        reply.setHeader('date', parts.virtual.now().toUTCString());
        void serve(incoming, reply, handle);
      });
      return {
        endpoint: `http://127.0.0.1:${await listenOnLoopback(server, port)}`,
        close: () => closeServer(server),
      };
    },
  };
}

function inWholeSeconds(value: unknown): unknown {
  if (value instanceof Date) return new Date(Math.floor(value.getTime() / 1000) * 1000);
  if (Array.isArray(value)) return value.map(inWholeSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inWholeSeconds(part)]));
}

/** What AWS answers; `undefined` for what is no answer of AWS, but a gap of the model. */
function asRefusal(error: unknown, service: Service): AwsError | undefined {
  if (error instanceof AwsError) return error;
  if (!(error instanceof UnfitParameters)) return undefined;
  return (
    service.refuse?.(error.problems) ?? new AwsError('ValidationException', validationText(error.problems))
  );
}

function refusal(fault: AwsFault): AwsError | undefined {
  if (fault.kind === 'throttle') return new AwsError('ThrottlingException', 'Rate exceeded', 429);
  if (fault.kind === 'server-error')
    return new AwsError('InternalServiceError', 'An error occurred on the server side.', 500);
  return undefined;
}

function credentialScope({ headers }: HttpRequest) {
  const scope = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '');
  if (!scope) return undefined;
  const [, accessKeyId = '', region = '', service = ''] = scope;
  return { accessKeyId, region, service };
}

async function serve(
  incoming: IncomingMessage,
  reply: ServerResponse,
  handle: (request: HttpRequest) => Promise<WireOutcome>,
) {
  const { method = '', url = '/', headers } = incoming;
  const sent = await readBody(incoming);
  // A client that went away while it was sending never made a call.
  if (!sent) return;
  // PutMetricData compresses what passes 10 KB.
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const outcome = await handle({ method, path: url, headers, body });
  if (outcome === 'dropped') {
    incoming.socket.destroy();
    return;
  }
  const { status, headers: told, body: text } = outcome.answer;
  // With its length told, an answer is one write.
  reply.writeHead(status, { ...told, 'content-length': Buffer.byteLength(text) }).end(text);
}
