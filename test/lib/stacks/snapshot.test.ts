import { exampleConfig, resourcesOf, stackNames } from './example-environments';

/** An asset's name is the hash of its content: it says nothing here, and changes with every line of code. */
function withoutHashes(template: unknown): unknown {
  return JSON.parse(JSON.stringify(template).replaceAll(/[0-9a-f]{64}(?=\.zip)/g, '<hash>'));
}

test.each(exampleConfig.environments.map(({ name }) => name))('the resources of %s', environment => {
  const stacks = stackNames.filter(
    name => name === `keyturn-${environment}` || name.startsWith(`keyturn-${environment}-`),
  );
  expect(Object.fromEntries(stacks.map(name => [name, withoutHashes(resourcesOf(name))]))).toMatchSnapshot();
});
