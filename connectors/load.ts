// The registry of functions and of the client: the code of a provider comes with its first key, and nobody else's does. The types
// hold it equal to the registry in index.ts, which loads all. A bundle has each connector in a file of its own beside it.
import { KeyturnError } from '../core/errors';
import type { Connector } from './contract/connector';
import type { connectors, ProviderId } from './index';
import { ownConnector } from './own';

declare global {
  /** Where a bundle has its connectors, as its code names the place: `./connectors/`. Written into it when it is made. */
  var keyturnConnectors: string | undefined;
  /** Those that lie there, with a space between two: what is no string would be a module to each bundle. */
  var keyturnProviders: string | undefined;
}

type Loads = { readonly [P in ProviderId]: () => Promise<(typeof connectors)[P]> };

/** In a bundle there are none, and nothing but this expression keeps their code out of it. */
const lazy: Loads | undefined = globalThis.keyturnConnectors
  ? undefined
  : {
      airtable: async () => (await import('./providers/airtable')).airtable,
      algolia: async () => (await import('./providers/algolia')).algolia,
      anthropic: async () => (await import('./providers/anthropic/anthropic')).anthropic,
      atlassian: async () => (await import('./providers/atlassian')).atlassian,
      auth0: async () => (await import('./providers/auth0')).auth0,
      'aws-iam': async () => (await import('./providers/aws-iam/aws-iam')).awsIam,
      'brave-search': async () => (await import('./providers/brave-search')).braveSearch,
      buildkite: async () => (await import('./providers/buildkite')).buildkite,
      cloudflare: async () => (await import('./providers/cloudflare')).cloudflare,
      confluent: async () => (await import('./providers/confluent')).confluent,
      databricks: async () => (await import('./providers/databricks')).databricks,
      datadog: async () => (await import('./providers/datadog/datadog')).datadog,
      'datadog-app': async () => (await import('./providers/datadog-app')).datadogApp,
      directus: async () => (await import('./providers/directus')).directus,
      elasticsearch: async () => (await import('./providers/elasticsearch')).elasticsearch,
      'entra-id': async () => (await import('./providers/entra-id')).entraId,
      'github-app': async () => (await import('./providers/github-app/github-app')).githubApp,
      'github-deploy': async () => (await import('./providers/github-deploy/github-deploy')).githubDeploy,
      'github-personal': async () => (await import('./providers/github-personal')).githubPersonal,
      gitlab: async () => (await import('./providers/gitlab')).gitlab,
      'google-cloud': async () => (await import('./providers/google-cloud/google-cloud')).googleCloud,
      'google-tokens': async () => (await import('./providers/google-tokens')).googleTokens,
      grafana: async () => (await import('./providers/grafana')).grafana,
      hubspot: async () => (await import('./providers/hubspot')).hubspot,
      kernel: async () => (await import('./providers/kernel')).kernel,
      launchdarkly: async () => (await import('./providers/launchdarkly')).launchdarkly,
      linear: async () => (await import('./providers/linear')).linear,
      litellm: async () => (await import('./providers/litellm')).litellm,
      mailgun: async () => (await import('./providers/mailgun')).mailgun,
      'mongodb-atlas': async () => (await import('./providers/mongodb-atlas')).mongodbAtlas,
      'new-relic': async () => (await import('./providers/new-relic')).newRelic,
      notion: async () => (await import('./providers/notion')).notion,
      'oauth-client': async () => (await import('./providers/oauth-client/oauth-client')).oauthClient,
      okta: async () => (await import('./providers/okta')).okta,
      openai: async () => (await import('./providers/openai/openai')).openai,
      openrouter: async () => (await import('./providers/openrouter/openrouter')).openrouter,
      pinecone: async () => (await import('./providers/pinecone')).pinecone,
      postgres: async () => (await import('./providers/postgres')).postgres,
      redis: async () => (await import('./providers/redis')).redis,
      resend: async () => (await import('./providers/resend')).resend,
      'self-issued': async () => (await import('./providers/self-issued')).selfIssued,
      sendgrid: async () => (await import('./providers/sendgrid/sendgrid')).sendgrid,
      slack: async () => (await import('./providers/slack')).slack,
      snowflake: async () => (await import('./providers/snowflake/snowflake')).snowflake,
      stripe: async () => (await import('./providers/stripe')).stripe,
      supabase: async () => (await import('./providers/supabase')).supabase,
      twilio: async () => (await import('./providers/twilio')).twilio,
      unleash: async () => (await import('./providers/unleash')).unleash,
      verdaccio: async () => (await import('./providers/verdaccio')).verdaccio,
    };

/** @throws {KeyturnError} bad-config, where no provider is called so */
export function loadConnector(provider: string): Promise<Connector> {
  const own = ownConnector(provider);
  if (own) return Promise.resolve(own);
  return globalThis.keyturnConnectors ? loadBeside(provider) : loadSource(provider);
}

/** `undefined` for a provider that is not known here: its keys are secrets, as far as anybody here can tell. */
export async function kindOf(provider: string): Promise<Connector['kind'] | undefined> {
  return (await loadConnector(provider).catch(() => undefined))?.kind;
}

/** By their names; for those who have to tell keys of one provider from those of another. */
export async function loadEveryConnector(): Promise<Record<string, Connector>> {
  const names = globalThis.keyturnProviders?.split(' ') ?? Object.keys(lazy ?? {});
  const loaded = await Promise.all(names.map(async name => [name, await loadConnector(name)] as const));
  return Object.fromEntries(loaded);
}

async function loadSource(provider: string): Promise<Connector> {
  if (lazy && Object.hasOwn(lazy, provider)) return lazy[provider as ProviderId]();
  throw unknown(provider);
}

async function loadBeside(provider: string): Promise<Connector> {
  // A name that leads elsewhere is none.
  if (!/^[a-z0-9-]+$/.test(provider)) throw unknown(provider);
  const file = `${globalThis.keyturnConnectors}${provider}.mjs`;
  const module: Record<string, Connector> = await import(file).catch(() => {
    throw unknown(provider);
  });
  const connector = Object.values(module).find(each => each?.provider === provider);
  if (!connector) throw unknown(provider);
  return connector;
}

function unknown(provider: string): KeyturnError {
  return new KeyturnError(
    'bad-config',
    `"${provider}" is not a provider that this version of Keyturn knows; deploy again with the version that your configuration needs`,
  );
}
