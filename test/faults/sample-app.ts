// The app that is explored: one MCP server for each provider whose keys rotate, with the key that its dialect gives as a
// sample. So a connector that is added is explored without a line here.
import { rotates } from '../../connectors/contract/connector';
import { connectors, type ProviderId } from '../../connectors/index';
import type { Config, Environment, KeyInput, KeysInput } from '../../lib/config/config';
import { validateConfig } from '../../lib/config/validate-config';
import { loadDialects } from '../../rehearsal/providers/load-dialects';
import { synthesize } from '../../rehearsal/world/assemble';
import type { Synthesized } from '../../rehearsal/world/synthesis';

const environmentName = 'lab';
const account = '111111111111';
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

/** How long an old key lives on: as short as the config allows, since every exploration waits for its end. */
export const overlapHours = 1;

export async function synthesizeSamples(): Promise<Synthesized> {
  return synthesize(await sampleConfig(), environmentName);
}

async function sampleConfig(): Promise<Config> {
  const dialects = await loadDialects();
  const servers: KeysInput['servers'] = {};
  for (const { provider, sample } of dialects) {
    if (!rotates(connectors[provider as ProviderId], sample.settings)) continue;
    const key = { provider, ...sample, overlapHours } as KeyInput;
    servers[`bot-${provider}`] = {
      team: 'lab',
      roles: { [environmentName]: roleArn(`bot-${provider}`) },
      keys: [key],
    };
  }
  const environments = {
    [environmentName]: {
      account,
      region: 'eu-central-1',
      policy: 'non-prod' as const,
      trail: 'exists' as const,
      admins: [roleArn('admin')],
      notify: { emails: ['lab@example.com'] },
    },
  };
  return validateConfig({ environments, servers });
}

/** The same account with the server of one provider in it. */
export function environmentOf({ servers, ...rest }: Environment, provider: string): Environment {
  return { ...rest, servers: servers.filter(({ name }) => name === `bot-${provider}`) };
}

export function providersOf({ servers }: Environment): string[] {
  return servers.flatMap(({ keys }) => keys).map(({ address }) => address.provider);
}
