import { kindOf, loadConnector, loadEveryConnector } from '../../connectors/load';

test('every connector is loaded under the name that its provider has', async () => {
  const loaded = Object.entries(await loadEveryConnector());
  expect(loaded.length).toBeGreaterThan(40);
  expect(loaded.filter(([name, { provider }]) => name !== provider)).toEqual([]);
});

test.each(['inhouse', 'toString', '../providers/okta', ''])('"%s" is no provider', async name => {
  await expect(loadConnector(name)).rejects.toMatchObject({
    code: 'bad-config',
    message: expect.stringContaining(`"${name}" is not a provider`),
  });
  expect(await kindOf(name)).toBeUndefined();
});
