// The registry: a provider is known where it is named here.
import { KeyturnError } from '../core/errors';
import type { Connector } from './contract/connector';
import { ownConnector, ownConnectors } from './own';
import { airtable } from './providers/airtable';
import { algolia } from './providers/algolia';
import { anthropic } from './providers/anthropic/anthropic';
import { atlassian } from './providers/atlassian';
import { auth0 } from './providers/auth0';
import { awsIam } from './providers/aws-iam/aws-iam';
import { braveSearch } from './providers/brave-search';
import { buildkite } from './providers/buildkite';
import { cloudflare } from './providers/cloudflare';
import { confluent } from './providers/confluent';
import { databricks } from './providers/databricks';
import { datadog } from './providers/datadog/datadog';
import { datadogApp } from './providers/datadog-app';
import { directus } from './providers/directus';
import { elasticsearch } from './providers/elasticsearch';
import { entraId } from './providers/entra-id';
import { githubApp } from './providers/github-app/github-app';
import { githubDeploy } from './providers/github-deploy/github-deploy';
import { githubPersonal } from './providers/github-personal';
import { gitlab } from './providers/gitlab';
import { googleCloud } from './providers/google-cloud/google-cloud';
import { googleTokens } from './providers/google-tokens';
import { grafana } from './providers/grafana';
import { hubspot } from './providers/hubspot';
import { kernel } from './providers/kernel';
import { launchdarkly } from './providers/launchdarkly';
import { linear } from './providers/linear';
import { litellm } from './providers/litellm';
import { mailgun } from './providers/mailgun';
import { mongodbAtlas } from './providers/mongodb-atlas';
import { newRelic } from './providers/new-relic';
import { notion } from './providers/notion';
import { oauthClient } from './providers/oauth-client/oauth-client';
import { okta } from './providers/okta';
import { openai } from './providers/openai/openai';
import { openrouter } from './providers/openrouter/openrouter';
import { pinecone } from './providers/pinecone';
import { postgres } from './providers/postgres';
import { redis } from './providers/redis';
import { resend } from './providers/resend';
import { selfIssued } from './providers/self-issued';
import { sendgrid } from './providers/sendgrid/sendgrid';
import { slack } from './providers/slack';
import { snowflake } from './providers/snowflake/snowflake';
import { stripe } from './providers/stripe';
import { supabase } from './providers/supabase';
import { twilio } from './providers/twilio';
import { unleash } from './providers/unleash';
import { verdaccio } from './providers/verdaccio';

export const connectors = {
  airtable,
  algolia,
  anthropic,
  atlassian,
  auth0,
  'aws-iam': awsIam,
  'brave-search': braveSearch,
  buildkite,
  cloudflare,
  confluent,
  databricks,
  datadog,
  'datadog-app': datadogApp,
  directus,
  elasticsearch,
  'entra-id': entraId,
  'github-app': githubApp,
  'github-deploy': githubDeploy,
  'github-personal': githubPersonal,
  gitlab,
  'google-cloud': googleCloud,
  'google-tokens': googleTokens,
  grafana,
  hubspot,
  kernel,
  launchdarkly,
  linear,
  litellm,
  mailgun,
  'mongodb-atlas': mongodbAtlas,
  'new-relic': newRelic,
  notion,
  'oauth-client': oauthClient,
  okta,
  openai,
  openrouter,
  pinecone,
  postgres,
  redis,
  resend,
  'self-issued': selfIssued,
  sendgrid,
  slack,
  snowflake,
  stripe,
  supabase,
  twilio,
  unleash,
  verdaccio,
} satisfies Record<string, Connector>;

export type ProviderId = keyof typeof connectors;

/** All that this process knows: those above and, once a configuration has been read, those that it brings. */
export function knownConnectors(): Record<string, Connector> {
  const own = ownConnectors().map(connector => [connector.provider, connector] as const);
  return { ...Object.fromEntries(own), ...connectors };
}

/** @throws {KeyturnError} bad-config, listing the known providers */
export function connectorFor(provider: string): Connector {
  if (Object.hasOwn(connectors, provider)) return connectors[provider as ProviderId];
  const own = ownConnector(provider);
  if (own) return own;
  const known = Object.keys(knownConnectors()).join(', ');
  throw new KeyturnError(
    'bad-config',
    `"${provider}" is not a provider that Keyturn knows; use one of ${known}, or add a connector for it`,
  );
}
