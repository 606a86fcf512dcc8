// The registry: a provider is known where it is named here.
import { KeyturnError } from '../core/errors';
import { auth0 } from './auth0';
import { awsIam } from './aws-iam';
import { cloudflare } from './cloudflare';
import type { Connector } from './connector';
import { githubApp } from './github-app';
import { gitlab } from './gitlab';
import { oauthClient } from './oauth-client';
import { okta } from './okta';
import { openai } from './openai';
import { resend } from './resend';
import { selfIssued } from './self-issued';
import { sendgrid } from './sendgrid';

export const connectors = {
  auth0,
  'aws-iam': awsIam,
  cloudflare,
  'github-app': githubApp,
  gitlab,
  'oauth-client': oauthClient,
  okta,
  openai,
  resend,
  'self-issued': selfIssued,
  sendgrid,
} satisfies Record<string, Connector>;

export type ProviderId = keyof typeof connectors;

/** @throws {KeyturnError} bad-config, listing the known providers */
export function connectorFor(provider: string): Connector {
  if (Object.hasOwn(connectors, provider)) return connectors[provider as ProviderId];
  const known = Object.keys(connectors).join(', ');
  throw new KeyturnError(
    'bad-config',
    `"${provider}" is not a provider that Keyturn knows; use one of ${known}, or add a connector for it`,
  );
}
