// Bedrock AgentCore as far as its control plane tells of it: agent runtimes, and API-key credential providers with the secrets that they refer to.
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import { arnIn, type Home } from '../shared/arn';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { type Protocol, type RestRoute, readRest } from '../wire/protocol';

export interface AgentRuntimeDefinition {
  /** Its name, a hyphen, and ten characters that AWS chose. */
  id: string;
  roleArn: string;
  /** Seconds. @default eight hours */
  maxLifetime?: number;
  /** ARN, where it runs on instances. @default - in microVMs */
  capacityProvider?: string;
}

export interface CredentialProviderDefinition {
  name: string;
  /** @default - it keeps a key of its own */
  secret?: { arn: string; jsonKey: string };
}

export interface AgentCore {
  service: Service;
  putRuntime(definition: AgentRuntimeDefinition): void;
  /** One of the same name takes the place of that before. */
  putCredentialProvider(definition: CredentialProviderDefinition): void;
}

type Runtime = AgentRuntimeDefinition & { at: Date };
type CredentialProvider = CredentialProviderDefinition & { at: Date };

const defaultMaxLifetime = 28_800;
const defaultIdleTimeout = 900;
const denial = { code: 'AccessDeniedException', status: 403 };
const missing = (message: string) => new AwsError('ResourceNotFoundException', message, 404);

export function createAgentCore({
  access,
  virtual,
  ...home
}: Home & { access: Access; virtual: Virtual }): AgentCore {
  const runtimes = new Map<string, Runtime>();
  const providers = new Map<string, CredentialProvider>();
  const arnOf = (resource: string) => arnIn(home, 'bedrock-agentcore', resource);
  const vault = 'token-vault/default';

  function shownRuntime({ id, roleArn, maxLifetime, capacityProvider, at }: Runtime) {
    return {
      agentRuntimeArn: arnOf(`runtime/${id}`),
      agentRuntimeId: id,
      agentRuntimeName: id.slice(0, -11),
      agentRuntimeVersion: '1',
      roleArn,
      status: 'READY',
      createdAt: at.toISOString(),
      lastUpdatedAt: at.toISOString(),
      networkConfiguration: { networkMode: 'PUBLIC' },
      lifecycleConfiguration: {
        idleRuntimeSessionTimeout: defaultIdleTimeout,
        maxLifetime: maxLifetime ?? defaultMaxLifetime,
      },
      ...(capacityProvider && {
        capacityProviderConfiguration: { capacityProviderArn: capacityProvider },
      }),
    };
  }

  function shownProvider({ name, secret, at }: CredentialProvider) {
    const own = arnIn(home, 'secretsmanager', `secret:bedrock-agentcore-identity!default/apikey/${name}`);
    return {
      name,
      credentialProviderArn: arnOf(`${vault}/apikeycredentialprovider/${name}`),
      apiKeySecretArn: { secretArn: secret?.arn ?? own },
      apiKeySecretSource: secret ? 'EXTERNAL' : 'MANAGED',
      ...(secret && { apiKeySecretJsonKey: secret.jsonKey }),
      createdTime: at.getTime() / 1000,
      lastUpdatedTime: at.getTime() / 1000,
    };
  }

  return {
    service: {
      name: 'bedrock-agentcore',
      protocol: agentCoreRest,
      operations: {
        GetAgentRuntime: operation(
          z.strictObject({
            agentRuntimeId: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,99}-[a-zA-Z0-9]{10}$/),
          }),
          ({ agentRuntimeId }, call) => {
            const action = 'bedrock-agentcore:GetAgentRuntime';
            access.permit(call, { action, resource: arnOf(`runtime/${agentRuntimeId}`), denial });
            const found = runtimes.get(agentRuntimeId);
            if (found) return shownRuntime(found);
            throw missing(`Agent ${agentRuntimeId} was not found`);
          },
        ),
        GetApiKeyCredentialProvider: operation(
          z.strictObject({ name: z.string().regex(/^[a-zA-Z0-9\-_]{1,128}$/) }),
          ({ name }, call) => {
            const action = 'bedrock-agentcore:GetApiKeyCredentialProvider';
            for (const resource of [vault, `${vault}/apikeycredentialprovider/${name}`])
              access.permit(call, { action, resource: arnOf(resource), denial });
            const found = providers.get(name);
            if (found) return shownProvider(found);
            throw missing(`Credential provider ${name} was not found`);
          },
        ),
      },
    },
    putRuntime: definition => void runtimes.set(definition.id, { ...definition, at: virtual.now() }),
    putCredentialProvider: definition =>
      void providers.set(definition.name, { ...definition, at: virtual.now() }),
  };
}

const routes: RestRoute[] = [
  ['GetAgentRuntime', 'GET', /^\/runtimes\/(?<agentRuntimeId>[^/]+)\/$/],
  ['GetApiKeyCredentialProvider', 'POST', /^\/identities\/GetApiKeyCredentialProvider$/],
];

const agentCoreRest: Protocol = {
  read(request) {
    const { operation, params, written } = readRest(routes, request);
    return { operation, params: { ...params, ...written } };
  },
  answer: (_operation, result, requestId) => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
    body: JSON.stringify(result),
  }),
  error: (error, requestId) => ({
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    },
    body: JSON.stringify({ message: error.message }),
  }),
};
