// A server in AgentCore Runtime that reads its key when a session begins: every new session has the current one, so there is nothing to
// start. What began before keeps the key before, until AWS ends its microVM.
import * as z from 'zod/mini';
import type { Courier } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import { hourMs, minuteMs } from '../core/time';
import { ask, type CourierTools, missing, nameShape, type Target } from './target';

const shape = z.strictObject({
  to: z.literal('agentcore-runtime'),
  runtime: nameShape(
    /^[a-zA-Z]\w{0,99}-[a-zA-Z0-9]{10}$/,
    "is not the ID of a runtime; write it with the suffix that AWS gave it, such as 'support_bot-a1B2c3D4e5'",
  ),
});
type RuntimePlace = z.output<typeof shape>;

/** AWS lets no microVM live longer, whatever `maxLifetime` says: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-settings.html */
const longestSessionMs = 8 * hourMs;
/** It ends them within seconds, and clocks differ. */
const marginMs = 5 * minuteMs;

const titleOf = ({ runtime }: RuntimePlace) => `the AgentCore runtime ${runtime}`;

export const agentcoreRuntime: Target<RuntimePlace> = {
  to: 'agentcore-runtime',
  shape,
  example: { to: 'agentcore-runtime', runtime: 'support_bot-a1B2c3D4e5' },
  idOf: ({ runtime }) => `agentcore-runtime/${runtime}`,
  titleOf,
  carriesKey: () => false,
  takesSteps: () => false,
  takesMs: longestSessionMs + marginMs,
  holdsOneKey: false,
  grants: ({ runtime }, { partition, region, account }) => [
    {
      sid: 'AgentCoreRuntimes',
      actions: ['bedrock-agentcore:GetAgentRuntime'],
      resources: [`arn:${partition}:bedrock-agentcore:${region}:${account}:runtime/${runtime}`],
    },
  ],
  open: openRuntime,
};

async function openRuntime(place: RuntimePlace, { settings }: CourierTools): Promise<Courier> {
  const { BedrockAgentCoreControlClient, GetAgentRuntimeCommand } = await import(
    '@aws-sdk/client-bedrock-agentcore-control'
  );
  const client = new BedrockAgentCoreControlClient(settings);
  const title = titleOf(place);

  return {
    async start() {
      const { capacityProviderConfiguration } = await ask(
        'bedrock-agentcore:GetAgentRuntime',
        () => client.send(new GetAgentRuntimeCommand({ agentRuntimeId: place.runtime })),
        missing(title),
      );
      if (!capacityProviderConfiguration) return 'sessions end';
      throw new KeyturnError(
        'refused',
        `${title} runs on instances of a capacity provider, which live for up to 14 days with the key that they started with; have its server use the client library, and remove the place from deliverTo`,
      );
    },

    look: async () => ({ is: 'steady' }),
  };
}
