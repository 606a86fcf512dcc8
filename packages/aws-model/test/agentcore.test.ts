// What AgentCore's control plane tells of runtimes and credential providers.
import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  GetApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { account, type LocalAws, openLocalAws, region, start } from './support/local-aws';

const agentRuntimeId = 'bot-a1B2c3D4e5';
const roleArn = `arn:aws:iam::${account}:role/bot`;
const capacityProvider = `arn:aws:bedrock-agentcore:${region}:${account}:capacity-provider/one`;
let aws: LocalAws;
let control: BedrockAgentCoreControlClient;
beforeEach(async () => {
  aws = await openLocalAws();
  control = new BedrockAgentCoreControlClient({ ...aws.as('admin'), maxAttempts: 1 });
});
afterEach(async () => {
  control.destroy();
  await aws.close();
});

const runtime = () => control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
const provider = () => control.send(new GetApiKeyCredentialProviderCommand({ name: 'key' }));

test('a runtime tells its role, and that a session lives for eight hours unless it says less', async () => {
  aws.model.agentCore.putRuntime({ id: agentRuntimeId, roleArn });
  expect(await runtime()).toMatchObject({
    agentRuntimeArn: `arn:aws:bedrock-agentcore:${region}:${account}:runtime/${agentRuntimeId}`,
    agentRuntimeName: 'bot',
    roleArn,
    status: 'READY',
    createdAt: start,
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 },
  });
  aws.model.agentCore.putRuntime({ id: agentRuntimeId, roleArn, maxLifetime: 600, capacityProvider });
  expect(await runtime()).toMatchObject({
    lifecycleConfiguration: { maxLifetime: 600 },
    capacityProviderConfiguration: { capacityProviderArn: capacityProvider },
  });
});

test('a credential provider keeps a key of its own, or tells to which secret and JSON key it refers', async () => {
  aws.model.agentCore.putCredentialProvider({ name: 'key' });
  expect(await provider()).toMatchObject({ name: 'key', apiKeySecretSource: 'MANAGED', createdTime: start });
  const arn = `arn:aws:secretsmanager:${region}:${account}:secret:a-AbCdEf`;
  aws.model.agentCore.putCredentialProvider({ name: 'key', secret: { arn, jsonKey: 'secret' } });
  const { apiKeySecretJsonKey, ...told } = await provider();
  expect([apiKeySecretJsonKey, told.apiKeySecretArn]).toEqual(['secret', { secretArn: arn }]);
});

test('leave is asked for on the runtime, and on the vault and the provider', async () => {
  await Promise.allSettled([runtime(), provider()]);
  const arn = `arn:aws:bedrock-agentcore:${region}:${account}`;
  expect(new Set(aws.asked.map(({ action, resource }) => `${action} ${resource}`))).toEqual(
    new Set([
      `bedrock-agentcore:GetAgentRuntime ${arn}:runtime/${agentRuntimeId}`,
      `bedrock-agentcore:GetApiKeyCredentialProvider ${arn}:token-vault/default`,
      `bedrock-agentcore:GetApiKeyCredentialProvider ${arn}:token-vault/default/apikeycredentialprovider/key`,
    ]),
  );
});

test.each([
  ['a runtime', runtime],
  ['a credential provider', provider],
])('%s that is not there is not found, and what is denied is told with 403', async (_, ask) => {
  await expect(ask()).rejects.toMatchObject({ name: 'ResourceNotFoundException', $fault: 'client' });
  aws.rules.decide = () => ({ allowed: false, message: 'no' }) as never;
  await expect(ask()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    $metadata: { httpStatusCode: 403 },
  });
});
