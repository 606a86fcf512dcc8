// An API-key credential provider of AgentCore Identity that refers to the secret itself: whoever asks it gets what is current. Keyturn makes
// sure that it does, and hands nothing over.
import * as z from 'zod/mini';
import type { Courier } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import { ask, type CourierTools, missing, nameShape, type Target } from './target';

const shape = z.strictObject({
  to: z.literal('agentcore-identity'),
  credentialProvider: nameShape(
    /^[\w-]{1,128}$/,
    "is not the name of a credential provider; write its name alone, such as 'support-bot-sendgrid'",
  ),
});
type IdentityPlace = z.output<typeof shape>;

const titleOf = ({ credentialProvider }: IdentityPlace) =>
  `the API-key credential provider ${credentialProvider} of AgentCore`;

export const agentcoreIdentity: Target<IdentityPlace> = {
  to: 'agentcore-identity',
  shape,
  example: { to: 'agentcore-identity', credentialProvider: 'support-bot-sendgrid' },
  idOf: ({ credentialProvider }) => `agentcore-identity/${credentialProvider}`,
  titleOf,
  carriesKey: () => false,
  takesSteps: () => false,
  takesMs: 0,
  holdsOneKey: true,
  grants: ({ credentialProvider }, { partition, region, account }) => {
    const vault = `arn:${partition}:bedrock-agentcore:${region}:${account}:token-vault/default`;
    return [
      {
        sid: 'AgentCoreIdentities',
        actions: ['bedrock-agentcore:GetApiKeyCredentialProvider'],
        // AWS asks for leave on both.
        resources: [vault, `${vault}/apikeycredentialprovider/${credentialProvider}`],
      },
    ];
  },
  open: openIdentity,
};

async function openIdentity(place: IdentityPlace, { settings }: CourierTools): Promise<Courier> {
  const { BedrockAgentCoreControlClient, GetApiKeyCredentialProviderCommand } = await import(
    '@aws-sdk/client-bedrock-agentcore-control'
  );
  const client = new BedrockAgentCoreControlClient(settings);
  const title = titleOf(place);

  return {
    async start(delivered) {
      const { key, secretArn } = delivered;
      const { apiKeySecretSource, apiKeySecretArn, apiKeySecretJsonKey } = await ask(
        'bedrock-agentcore:GetApiKeyCredentialProvider',
        () => client.send(new GetApiKeyCredentialProviderCommand({ name: place.credentialProvider })),
        missing(title),
      );
      const jsonKey = await delivered.jsonKey();
      const fix = `make it refer to ${secretArn} (apiKeySecretSource EXTERNAL, JSON key ${jsonKey})`;
      if (apiKeySecretSource !== 'EXTERNAL')
        throw new KeyturnError(
          'refused',
          `${title} stores a key of its own, which rotations do not change; ${fix}`,
        );
      // AWS may show the ARN without its six characters.
      if (![secretArn, secretArn.slice(0, -7)].includes(apiKeySecretArn?.secretArn ?? ''))
        throw new KeyturnError('refused', `${title} refers to a secret other than that of ${key}; ${fix}`);
      if (apiKeySecretJsonKey === jsonKey) return 'it refers to the secret';
      throw new KeyturnError(
        'refused',
        `${title} reads the JSON key ${apiKeySecretJsonKey ?? '(none)'} of the secret; ${fix}`,
      );
    },

    /** It is asked for each key anew. */
    look: async () => ({ is: 'steady' }),
  };
}
