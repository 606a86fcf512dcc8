// All of prod as it is deployed, so that no change of a template goes unseen. What a policy promises has a test of its own.
import { resourcesOf, stackNames } from '../support/example-environments';

/** An asset's name is the hash of its content: it says nothing here, and changes with every line of code. */
function withoutHashes(template: unknown): unknown {
  return JSON.parse(JSON.stringify(template).replaceAll(/[0-9a-f]{64}(?=\.zip)/g, '<hash>'));
}

test('the resources of prod', () => {
  const stacks = stackNames.filter(name => name === 'keyturn-prod' || name.startsWith('keyturn-prod-'));
  expect(Object.fromEntries(stacks.map(name => [name, withoutHashes(resourcesOf(name))]))).toMatchSnapshot();
});
