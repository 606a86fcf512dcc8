// One non-prod and one prod environment with a provider of every kind, synthesized once for all stack tests.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Config, defineKeys } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { buildApp } from '../../../lib/stacks/app';

const notify = { emails: ['oncall@example.com', 'platform@example.com'] };

export const exampleConfig: Config = validateConfig(
  defineKeys({
    environments: {
      dev: {
        account: '111111111111',
        region: 'eu-central-1',
        policy: 'non-prod',
        admins: ['arn:aws:iam::111111111111:role/platform-admin'],
        notify,
        trail: 'exists',
      },
      prod: {
        account: '333333333333',
        region: 'us-east-1',
        policy: 'prod',
        admins: ['arn:aws:iam::333333333333:role/platform-admin'],
        notify,
        businessHours: {
          timeZone: 'Europe/Berlin',
          days: ['mon', 'tue', 'wed', 'thu', 'fri'],
          from: 8,
          to: 18,
        },
        trail: 'create',
      },
    },
    servers: {
      'support-bot': {
        team: 'support',
        roles: {
          dev: 'arn:aws:iam::111111111111:role/support-bot',
          prod: 'arn:aws:iam::333333333333:role/services/support-bot',
        },
        keys: [
          { provider: 'sendgrid', tier: 'high', scopes: ['mail.send'] },
          {
            provider: 'okta',
            environments: {
              prod: { settings: { domain: 'example.okta.com', appId: '0oa1', clientId: '0oa1' } },
            },
          },
          { provider: 'self-issued', purpose: 'clients' },
        ],
      },
      'sales-bot': {
        team: 'sales',
        roles: { prod: 'arn:aws:iam::333333333333:role/sales-bot' },
        keys: [
          { provider: 'sendgrid', scopes: ['stats.read'] },
          {
            provider: 'auth0',
            settings: { domain: 'example.auth0.com', clientId: 'sales' },
          },
        ],
      },
    },
  }),
);

/** Templates need no code, so none is bundled. */
export const withoutCode = { 'aws:cdk:bundling-stacks': [] };
/** CDK's own check of every property takes seconds for each test file; app.test.ts has it done. */
const unchecked = { ...withoutCode, '@aws-cdk/core:validateAgainstDefaultRules': false };

export function exampleApp(config = exampleConfig): App {
  return buildApp({ config, outdir: mkdtempSync(join(tmpdir(), 'keyturn-stacks-')), context: unchecked });
}

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  Metadata?: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

const assembly = exampleApp().synth();

export const assemblyDirectory = assembly.directory;

export const stackNames = assembly.stacks.map(stack => stack.stackName);

export function templateOf(stackName: string): Template {
  return Template.fromJSON(assembly.getStackByName(stackName).template);
}

export function resourcesOf(stackName: string): Record<string, Resource> {
  return assembly.getStackByName(stackName).template.Resources;
}
