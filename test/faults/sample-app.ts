// The apps that are explored: one MCP server for each provider whose keys rotate, with the key that its dialect gives as a
// sample. So a connector that is added is explored without a line here.
import { rotates } from '../../connectors/contract/made-by';
import { connectors, type ProviderId } from '../../connectors/index';
import type { Config, Environment, KeyInput, KeysInput } from '../../lib/config/config';
import { validateConfig } from '../../lib/config/validate-config';
import type { Dialect } from '../../rehearsal/providers/dialect';
import { loadDialects } from '../../rehearsal/providers/load-dialects';
import { synthesize } from '../../rehearsal/world/assemble';
import type { Synthesized } from '../../rehearsal/world/synthesis';

const environmentName = 'lab';
const account = '111111111111';
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

/** How long an old key lives on: as short as the config allows, since every exploration waits for its end. */
export const overlapHours = 1;

/** Every exploration deploys its environment anew, and a small one is deployed sooner. */
const providersAtMost = 12;

export interface Samples {
  /** Whose keys rotate. */
  readonly providers: readonly string[];
  /** The environment that has a key of it. */
  of(provider: string): Synthesized;
  remove(): void;
}

/** As many environments as it takes, each made when it is asked for. */
export async function openSamples(): Promise<Samples> {
  const dialects = (await loadDialects()).filter(({ provider, sample }) =>
    rotates(connectors[provider as ProviderId], sample),
  );
  const made = new Map<number, Synthesized>();
  return {
    providers: dialects.map(({ provider }) => provider),
    of(provider) {
      const group = Math.floor(dialects.findIndex(each => each.provider === provider) / providersAtMost);
      const first = group * providersAtMost;
      const synthesized =
        made.get(group) ??
        synthesize(configOf(dialects.slice(first, first + providersAtMost)), environmentName);
      made.set(group, synthesized);
      return synthesized;
    },
    remove() {
      for (const { remove } of made.values()) remove();
    },
  };
}

function configOf(dialects: readonly Dialect[]): Config {
  const servers: KeysInput['servers'] = {};
  for (const { provider, sample } of dialects) {
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
