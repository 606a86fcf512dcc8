// Asks the policy engine on behalf of every operation, and turns a refusal into the answer that AWS gives.

import type { Authorize, Caller, Decision } from '@keyturn/iam/request';
import type { Virtual } from '../clock/virtual';
import { AwsError } from './aws-error';
import type { Call } from './operation';

export interface Ask {
  action: string;
  resource: string;
  context?: Record<string, string | string[] | undefined>;
  tags?: Record<string, string>;
  /** JSON text, as services keep it. */
  policy?: string;
  /** How the service words a refusal. @default AccessDeniedException, 400 */
  denial?: { code: string; status: number };
}

export interface Access {
  /** @throws {AwsError} AccessDeniedException, in the engine's words */
  permit(call: Call, ask: Ask): void;
  /** @param region where that is asked. @default the model's */
  decide(caller: Caller, ask: Ask, region?: string): Decision;
}

/** The same policy comes with every request to its resource. */
function createPolicyReader(): (text: string) => object {
  const read = new Map<string, object>();
  return text => {
    const policy = read.get(text) ?? (JSON.parse(text) as object);
    read.set(text, policy);
    return policy;
  };
}

export function createAccess(parts: { authorize: Authorize; virtual: Virtual; region: string }): Access {
  const readPolicy = createPolicyReader();
  const decide: Access['decide'] = (caller, ask, region = parts.region) =>
    parts.authorize({
      caller,
      action: ask.action,
      resource: ask.resource,
      context: definedOnly({
        ...requestContext(caller, parts.virtual.now(), region),
        ...tagContext(ask.tags),
        ...ask.context,
      }),
      resourceTags: ask.tags ?? {},
      ...(ask.policy && { resourcePolicy: readPolicy(ask.policy) }),
    });
  return {
    decide,
    permit(call, ask) {
      call.resource ??= ask.resource;
      const decision = decide(call.caller, ask, call.region);
      if (decision.allowed) return;
      throw new AwsError(ask.denial?.code ?? 'AccessDeniedException', decision.message, ask.denial?.status);
    },
  };
}

function requestContext(caller: Caller, now: Date, region: string): Record<string, string | undefined> {
  return {
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:RequestedRegion': region,
    // The loopback speaks plain HTTP, but the SDK would speak TLS.
    'aws:SecureTransport': 'true',
    'aws:SourceIp': caller.sourceIp,
    // Not there in requests that nobody signed.
    'aws:PrincipalIsAWSService': caller.kind === 'anonymous' ? undefined : String(caller.kind === 'service'),
    'aws:PrincipalServiceName': caller.service,
  };
}

function tagContext(tags: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}

function definedOnly(
  context: Record<string, string | string[] | undefined>,
): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | string[]
  >;
}
