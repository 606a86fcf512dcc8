import { responseTo, signalNames, signals } from '../../../core/incident/signals';
import type { Tier } from '../../../core/key/key-spec';

const tiers: Tier[] = ['high', 'normal', 'low'];

test('each signal gets the response of its tier', () => {
  const table = signalNames.map(
    signal => `${signal}: ${tiers.map(tier => responseTo(signal, tier, true)).join(', ')}`,
  );
  expect(table).toMatchInlineSnapshot(`
[
  "auth-failures: replace-if-rejected, replace-if-rejected, replace-if-rejected",
  "volume-band: tell, tell, tell",
  "volume-ceiling: tell, tell, replace-first",
  "off-hours: replace-first, tell, tell",
  "new-reader: replace-first, replace-first, tell",
  "new-address: replace-first, tell, tell",
  "failed-reads: tell, tell, tell",
  "leak-reported: replace-first, replace-first, replace-first",
]
`);
});

test('what is done where only a person can make another key: its end stops its server, so people decide unless it is surely out', () => {
  const acting = signalNames.flatMap(signal =>
    tiers.flatMap(tier => {
      const response = responseTo(signal, tier, false);
      return response === 'tell' ? [] : `${signal} ${tier}: ${response}`;
    }),
  );
  expect(acting).toEqual([
    'new-reader high: revoke-first',
    'leak-reported high: revoke-first',
    'leak-reported normal: revoke-first',
    'leak-reported low: revoke-first',
  ]);
});

test('a spike of traffic alone changes nothing for a high-tier key', () => {
  for (const signal of ['volume-band', 'volume-ceiling'] as const)
    expect(responseTo(signal, 'high', true)).toBe('tell');
});

test('every line has its reason, and reads as the end of a sentence', () => {
  for (const signal of signalNames) {
    expect(signals[signal].why).toMatch(/^[A-Z].{30,}\.$/s);
    expect(signals[signal].words).toMatch(/^[a-z].*[^.]$/);
  }
});
