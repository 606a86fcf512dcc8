// The templates of the example's environments. Whichever test file needs them first synthesizes them; the others read them,
// and need not even load the CDK.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { runFolder } from '../../support/run-folder';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  Metadata?: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export const assemblyDirectory = join(runFolder(), 'example-environments');
if (!existsSync(assemblyDirectory)) {
  const { exampleApp } = require('./example-app') as typeof import('./example-app');
  const { directory } = exampleApp().synth();
  try {
    renameSync(directory, assemblyDirectory);
  } catch (error) {
    // Another worker was as quick.
    if (!existsSync(assemblyDirectory)) throw error;
  }
}

const { artifacts } = read('manifest.json') as { artifacts: Record<string, { type: string }> };

export const stackNames = Object.keys(artifacts).filter(
  name => artifacts[name]?.type === 'aws:cloudformation:stack',
);

export function templateOf(stackName: string): Template {
  const assertions = require('aws-cdk-lib/assertions') as typeof import('aws-cdk-lib/assertions');
  return assertions.Template.fromJSON(read(`${stackName}.template.json`));
}

export function resourcesOf(stackName: string): Record<string, Resource> {
  return (read(`${stackName}.template.json`) as { Resources: Record<string, Resource> }).Resources;
}

function read(file: string): object {
  return JSON.parse(readFileSync(join(assemblyDirectory, file), 'utf8'));
}
