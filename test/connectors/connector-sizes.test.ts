import { connectorSizes, median, sizesOf } from '../../scripts/connector-sizes';

test('each line of code is counted once, as what it is', () => {
  const text = `// Why.
import * as z from 'zod/mini';
import {
  bearer,
} from '../contract/presented';

const settings = z.strictObject({
  // A comment.
  project: z.string(),
});

export const some: IssueConnector<Issuer, Settings> = {
  provider: 'some',
  origins: settings => [
    settings.host,
  ],

  async list(http, issuer) {
    return http.send('GET', '/keys');
  },

  verify: (http, { secret }) => http.probe('GET', '/me'),
};

function pathOf(): string {
  return '/keys';
}
`;
  expect(sizesOf(text)).toEqual({ lines: 20, imports: 4, shapes: 3, facts: 6, calls: 7 });
});

test('every connector is measured, with its whole folder', () => {
  const sizes = [...connectorSizes().values()];
  expect(sizes.length).toBeGreaterThanOrEqual(45);
  for (const { lines, imports, shapes, facts, calls } of sizes)
    expect(imports + shapes + facts + calls).toBe(lines);
  expect(median([3, 1, 2])).toBe(2);
});
