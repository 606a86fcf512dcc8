import { connectors } from '../../connectors/index';
import { kindOf, loadConnector, loadEveryConnector } from '../../connectors/load';

test('from sources all of the registry are loaded, each under its name', async () => {
  const loaded = await loadEveryConnector();
  expect(Object.keys(loaded).sort()).toEqual(Object.keys(connectors).sort());
  for (const [name, connector] of Object.entries(connectors)) expect(loaded[name]).toBe(connector);
});

test.each(['inhouse', 'toString', '../providers/okta', ''])('"%s" is no provider', async name => {
  await expect(loadConnector(name)).rejects.toMatchObject({
    code: 'bad-config',
    message: expect.stringContaining(`"${name}" is not a provider`),
  });
  expect(await kindOf(name)).toBeUndefined();
});
