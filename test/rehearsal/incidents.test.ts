// Each incident, played on the synthesized templates with the real bundles: what it must end in.
import { loadConfig } from '../../bin/config/load-config';
import { scenarios } from '../../rehearsal/scenarios/index';
import { rehearse } from '../../rehearsal/world/rehearse';

async function play(name: string) {
  const configFile = `${__dirname}/../../config/keys.ts`;
  const scenario = scenarios[name]!;
  const played = await rehearse({
    config: await loadConfig(configFile),
    configFile,
    environment: 'prod',
    scenario,
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
  });
  const { summary } = played.story;
  expect(summary).toMatchObject({ orphans: 0, secretsInOutput: 0, violations: [] });
  expect(summary.iam.denied).toBe(0);
  expect(scenario.holds!(played.findings)).toBe(true);
  return { findings: played.findings, requests: summary.requests };
}

test('leak: noticed by its read, replaced, revoked and rejected within ten seconds of the notification, proven dead hours later, and no request failed', async () => {
  const { findings, requests } = await play('leak');
  expect(findings).toMatchObject({ provenDead: true, failedRequests: 0 });
  expect(requests.lanes.run.total).toBeGreaterThan(200);
  expect(findings.rejectedMs).toBeLessThanOrEqual(10_000);
  expect(findings.provenDeadMs).toBeGreaterThanOrEqual(2 * 60 * 60_000);
  expect(findings.refusedToThiefMs).toBeLessThanOrEqual(10_000);
  // CloudTrail takes two minutes of it.
  expect(findings.detectedMs).toBeLessThan(150_000);
  const { timeline } = findings.report as { timeline: { text: string }[] };
  const told = timeline.map(({ text }) => text).join('\n');
  for (const part of [
    'was issued',
    'from 198.51.100.23',
    'became current',
    'was revoked',
    'was rejected for the first time',
  ])
    expect(told).toContain(part);
});

test('broken-key: servers are refused until the dead key is replaced, and not after', async () => {
  const { findings } = await play('broken-key');
  expect(findings).toMatchObject({ outcome: 'contained', refusedSince: 0 });
  expect(findings.refusedUntilThen).toBeGreaterThan(0);
});

test('outage: nothing is revoked without a replacement, people are told at once, and the key is dead once the provider is back', async () => {
  const { findings } = await play('outage');
  expect(findings).toMatchObject({ outcome: 'contained', failedRequests: 0, triesThatFailed: 1 });
  expect(findings.rejectedAfterOutageMs).toBeLessThanOrEqual(3 * 60_000);
  expect(findings.told).toEqual([
    // Of the example: two of its keys have scopes that overlap.
    expect.stringContaining('the audit of all keys: 1 new finding'),
    expect.stringContaining('NOT contained yet'),
    expect.stringContaining('revoked and rejected'),
  ]);
});

test('storm: the breaker lets five through, pages once, and people order the rest', async () => {
  const { findings } = await play('storm');
  expect(findings).toMatchObject({
    alarms: 8,
    containedByItself: 5,
    stoppedByBreaker: 3,
    pages: 1,
    containedInAll: 8,
  });
});

test('stuck-plus-leak: a stuck rotation and a deleted rotation function stop nothing', async () => {
  const { findings } = await play('stuck-plus-leak');
  expect(findings).toMatchObject({
    stuckBefore: true,
    orphansBefore: 1,
    outcome: 'contained',
    stuckAfter: false,
    orphansAfter: 0,
    failedRequests: 0,
  });
});

test('spike: traffic that is wanted is told of, and replaces no high-tier key', async () => {
  const { findings } = await play('spike');
  expect(findings).toMatchObject({ replacedHighTier: 0, replacedOthers: [], failedRequests: 0 });
  expect((findings.alarms as string[]).every(alarm => alarm.endsWith(': told'))).toBe(true);
  expect((findings.alarms as string[]).length).toBeGreaterThan(0);
});

test('false-alarm: a key that nobody stole is replaced under load, and no request fails, whichever way its server has it', async () => {
  const { findings } = await play('false-alarm');
  expect(findings).toMatchObject({
    signal: 'off-hours',
    response: 'replace-first',
    outcome: 'contained',
    duringTheJob: { client: { failed: 0 }, run: { failed: 0 } },
    failedRequests: 0,
  });
  const { client, run } = findings.duringTheJob as Record<string, { total: number }>;
  expect(Math.min(client!.total, run!.total)).toBeGreaterThan(400);
});

test('duplicates: four deliveries and a late one are one containment; every forgery is refused, and told of once', async () => {
  const { findings } = await play('duplicates');
  expect(findings).toMatchObject({
    alarmWentOff: true,
    containedOnce: true,
    duplicatesDid: [],
    lateDid: [],
    pagesAboutForgeries: 1,
  });
  expect(findings.refused).toBe(findings.forged);
});
