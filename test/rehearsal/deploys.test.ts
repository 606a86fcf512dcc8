// First deploys of the example's prod environment, and of templates with the faults that such deploys had.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeployFindings, deployInEveryWay } from '../../rehearsal/scenarios/deploys';
import { exampleConfig } from '../lib/support/example-config';
import { assemblyDirectory } from '../lib/support/example-environments';
import { runFolder } from '../support/run-folder';

const environment = exampleConfig.environments.find(({ name }) => name === 'prod')!;

interface Template {
  Resources: Record<
    string,
    { Type: string; DeletionPolicy?: string; DependsOn?: string[]; Properties: Record<string, unknown> }
  >;
}

async function deployWith(plant?: (template: Template) => void): Promise<DeployFindings> {
  if (!plant) return deployInEveryWay({ assemblyDirectory, environment });
  const directory = mkdtempSync(join(runFolder(), 'deploys-'));
  cpSync(assemblyDirectory, directory, { recursive: true });
  const file = join(directory, 'keyturn-prod.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  plant(template);
  writeFileSync(file, JSON.stringify(template));
  return deployInEveryWay({ assemblyDirectory: directory, environment });
}

test('a first deploy succeeds in every order; one that fails anywhere leaves nothing behind, and succeeds the next time', async () => {
  const found = await deployWith();
  expect(found).toMatchObject({ orders: 20, failures: 0, orphans: 0, problems: [] });
  expect(found.rollbacks).toBeGreaterThan(90);
});

test.each<[string, (template: Template) => void, RegExp]>([
  [
    'a subscription that names its topic does not wait for it',
    ({ Resources }) => {
      for (const resource of Object.values(Resources)) delete resource.DependsOn;
    },
    /keyturn-prod ended in ROLLBACK_COMPLETE: AWS::SNS::Subscription: Topic does not exist/,
  ],
  [
    'prod keeps what a failed first deploy made',
    ({ Resources }) => {
      for (const resource of Object.values(Resources))
        if (resource.DeletionPolicy === 'RetainExceptOnCreate') resource.DeletionPolicy = 'Retain';
    },
    /refused once: .* is left behind/,
  ],
  [
    'the table is protected from being deleted',
    ({ Resources }) => {
      for (const { Type, Properties } of Object.values(Resources))
        if (Type === 'AWS::DynamoDB::Table') Properties.DeletionProtectionEnabled = true;
    },
    /then again: keyturn-prod ended in ROLLBACK_FAILED/,
  ],
])('is found when planted: %s', async (_, plant, seen) => {
  const { failures, orphans, problems } = await deployWith(plant);
  expect(failures + orphans).toBeGreaterThan(0);
  expect(problems.join('\n')).toMatch(seen);
});
