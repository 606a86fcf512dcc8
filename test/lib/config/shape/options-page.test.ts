// docs/options.md names every field, and what it says of boundaries and VPC endpoints covers what the templates ask for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@keyturn/aws-model/clock/random';
import { readAssembly } from '@keyturn/aws-model/template/assembly';
import { keys } from '../../../../examples/every-option';
import { environmentShape, serverShape } from '../../../../lib/config/shape/config-shape';
import { validateConfig } from '../../../../lib/config/validate-config';
import { exampleApp } from '../../support/example-app';

const page = readFileSync(join(__dirname, '../../../../docs/options.md'), 'utf8');
const section = (heading: string) => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const quoted = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, word]) => word ?? []);

test('every field of an environment is in the table, once, and every field of a server in its sentence', () => {
  const rows = [...section('Fields of an environment').matchAll(/^\| `(\w+)` \|/gm)].map(
    ([, field]) => field,
  );
  expect(rows.toSorted()).toEqual(Object.keys(environmentShape.shape).toSorted());
  const sentence = section('Fields of an environment')
    .split('\n')
    .find(line => line.startsWith('A server has'));
  expect(quoted(sentence ?? '').toSorted()).toEqual(Object.keys(serverShape.shape).toSorted());
});

test('the example has every option but those that are for other environments', () => {
  const { prod } = keys.environments;
  const absent = Object.keys(environmentShape.shape).filter(field => !(field in prod));
  // Never in production; and for keys that are taken out.
  expect(absent.toSorted()).toEqual(['abandonedKeys', 'laptopCopies']);
});

describe('what functions may do', () => {
  const { directory } = exampleApp(validateConfig(keys)).synth();
  const stacks = ['keyturn-prod', 'keyturn-prod-support-bot', 'keyturn-prod-code-bot'];
  const actions = readAssembly(directory, stacks, seededRandom(1))
    .resources.filter(({ type }) => type === 'AWS::IAM::Role')
    .flatMap(({ properties }) => properties.Policies as { PolicyDocument: { Statement: Statement[] } }[])
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Effect, Action }) => (Effect === 'Allow' ? [Action].flat() : []));
  const asked = [...new Set(actions)].toSorted();

  test('a boundary that allows what the page lists forbids none of it', () => {
    const patterns = quoted(section('A permissions boundary, and a path for roles')).filter(word =>
      /^[a-z]+:[\w*]+$/i.test(word),
    );
    const covers = (action: string) =>
      patterns.some(pattern =>
        pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern,
      );
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter(action => !action.startsWith('ec2:') && !covers(action))).toEqual([]);
  });

  test('the page lists an endpoint for each service that functions call by themselves', () => {
    const endpoints = quoted(section('A VPC'));
    // AWS's services reach these for the function, or ask whether it might.
    const reached = ['logs', 'sqs', 'ec2', 'lambda', 'kms'];
    const services = [...new Set(asked.map(action => action.split(':')[0] ?? ''))].filter(
      service => !reached.includes(service),
    );
    const endpointOf = (service: string) => (service === 'cloudwatch' ? 'monitoring' : service);
    expect(services.length).toBeGreaterThan(4);
    expect(services.filter(service => !endpoints.includes(endpointOf(service)))).toEqual([]);
  });
});

interface Statement {
  Effect: string;
  Action: string | string[];
}
