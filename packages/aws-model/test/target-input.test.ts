import { targetInput } from '../eventbridge/target-input';

describe("a target's input", () => {
  const event = {
    version: '0' as const,
    id: 'id',
    'detail-type': 'Key Rotated',
    source: 'keyturn',
    account: '1',
    time: '2026-11-23T00:00:00Z',
    region: 'eu-west-1',
    resources: ['arn:one'],
    detail: { server: 'say "hi"', count: 2, nested: { x: true } },
  };
  const rule = { arn: 'arn:rule', name: 'rule' };
  test.each([
    ['is the event', {}, event],
    ['is a constant', { input: '{"a":1}' }, { a: 1 }],
    ['is a part of the event', { inputPath: '$.detail.nested' }, { x: true }],
    [
      'is a template; values are quoted as JSON',
      {
        inputTransformer: {
          inputPathsMap: { s: '$.detail.server', n: '$.detail.count' },
          inputTemplate: '{"server":<s>,"n":<n>}',
        },
      },
      { server: 'say "hi"', n: 2 },
    ],
    [
      'is a template; values within text are escaped',
      {
        inputTransformer: {
          inputPathsMap: { s: '$.detail.server' },
          inputTemplate: '{"text":"server <s> of <aws.events.rule-name>"}',
        },
      },
      { text: 'server say "hi" of rule' },
    ],
    [
      'is a template with items of lists',
      { inputTransformer: { inputPathsMap: { r: '$.resources[0]' }, inputTemplate: '"<r>"' } },
      'arn:one',
    ],
  ])('%s', (_fact, target, expected) => {
    expect(JSON.parse(targetInput(target, event, rule))).toEqual(expected);
  });
});
