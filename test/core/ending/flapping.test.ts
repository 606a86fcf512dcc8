// How often a key is called dead while a server of its provider still accepts it: trials with a provider whose servers
// disagree, on a virtual clock, by the rules that run in production.

import { seededRandom } from '@keyturn/aws-model/clock/random';
import { deathState, type Look, secondLookAfterMs, secondLookDue } from '../../../core/ending/certificate';
import { probesAtMost, proveRejected } from '../../../core/ending/proof';
import type { Provider, Verdict } from '../../../core/provider';
import { hourMs, minuteMs } from '../../../core/time';
import { type Disagreement, likeGoogle, revokeAtReplicas } from '../../../rehearsal/providers/replicas';
import { testSeed } from '../../support/seed';
import { World } from '../support/world';

type Model = Omit<Disagreement, 'random'>;

interface Counts {
  trials: number;
  /** Servers that accepted the key when the first rejection came, and when the first row was full. */
  falseAtFirstRejection: number;
  falseAtFirstRow: number;
  /** When it was called dead. */
  falseDead: number;
  mostProbesALook: number;
  meanProbes: number;
  medianLastAcceptanceMinutes: number;
}

const base = new World('issue').provider();
const value = { secret: 'x', keyId: 'x', provider: 'acme', issuedAt: '' };
const tries = { emergency: 10, pauseMs: minuteMs };

/** Tried as an emergency does: every minute for ten minutes, then every hour; the second look at a full hour, too. */
async function count(model: Model, trials: number): Promise<Counts> {
  const random = seededRandom(testSeed);
  const counts = { falseAtFirstRejection: 0, falseAtFirstRow: 0, falseDead: 0, mostProbesALook: 0 };
  let probed = 0;
  const lasts: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    let nowMs = 0;
    const key = revokeAtReplicas({ ...model, random }, 0);
    lasts.push(key.lastMs);
    const clock = {
      now: () => new Date(nowMs),
      sleep: async (ms: number) => {
        nowMs += ms;
      },
    };
    const verify = async (): Promise<Verdict> => (key.accepts(nowMs) ? 'accepted' : 'rejected');
    const provider: Provider = { ...base, verify };
    const nextHour = () => (Math.floor(nowMs / hourMs) + 1) * hourMs;
    const looks: Look[] = [];
    while (deathState({ looks }) !== 'dead') {
      const look = deathState({ looks }) === 'rejected' ? 'second' : 'first';
      const asked = await proveRejected(provider, value, clock, { look, currentKeyId: undefined });
      const isFirst = look === 'first' && asked.finding === 'rejected';
      if (isFirst && nowMs < key.lastMs && !looks.some(({ finding }) => finding === 'rejected'))
        counts.falseAtFirstRow++;
      looks.push({ look, by: 'trial', revokedAt: new Date(0).toISOString(), ...asked });
      counts.mostProbesALook = Math.max(counts.mostProbesALook, asked.probes.length);
      probed += asked.probes.length;
      const due = looks.at(-1);
      if (isFirst && due) nowMs = Math.ceil(secondLookDue(due).getTime() / hourMs) * hourMs;
      else if (look === 'second' && asked.finding === 'accepted') nowMs += secondLookAfterMs;
      else if (look === 'first') nowMs = looks.length < tries.emergency ? nowMs + tries.pauseMs : nextHour();
    }
    if (nowMs < key.lastMs) counts.falseDead++;
    const first = looks.flatMap(({ probes }) => probes).find(({ verdict }) => verdict === 'rejected');
    if (Date.parse(first?.at ?? '') < key.lastMs) counts.falseAtFirstRejection++;
  }
  lasts.sort((a, b) => a - b);
  const median = (lasts[Math.floor(trials / 2)] ?? 0) / minuteMs;
  const rounded = (x: number) => Number(x.toFixed(1));
  return {
    trials,
    ...counts,
    meanProbes: rounded(probed / trials),
    medianLastAcceptanceMinutes: rounded(median),
  };
}

test('of 40,000 keys at a provider like Google, none is called dead while a server accepts it', async () => {
  const counts = await count(likeGoogle, 40_000);
  // Printed, so that the figures in the documents can be compared.
  process.stdout.write(`${JSON.stringify({ seed: testSeed, ...likeGoogle, ...counts })}\n`);
  expect(counts.falseDead).toBe(0);
  expect(counts.mostProbesALook).toBeLessThanOrEqual(probesAtMost);
  expect(counts.medianLastAcceptanceMinutes).toBeCloseTo(16, 0);
  // What a single rejection would have been worth, and why one row is not called dead yet.
  expect(counts.falseAtFirstRejection).toBeGreaterThan(0.99 * counts.trials);
  expect(counts.falseAtFirstRow).toBeGreaterThan(0.5 * counts.trials);
});

test.each([
  ['two servers', { replicas: 2, acceptedAtFirst: 0.49, halfLifeMs: 4 * minuteMs }],
  ['two hundred', { replicas: 200, acceptedAtFirst: 0.49, halfLifeMs: 2.3 * minuteMs }],
  ['some seconds', { replicas: 24, acceptedAtFirst: 0.49, halfLifeMs: 5_000 }],
  ['nearly all accept at first', { replicas: 24, acceptedAtFirst: 0.98, halfLifeMs: 4 * minuteMs }],
  ['a half-life of five minutes', { replicas: 24, acceptedAtFirst: 0.49, halfLifeMs: 5 * minuteMs }],
] as [string, Model][])('nor of 4,000 at one with %s', async (_, model) => {
  expect(await count(model, 4_000)).toMatchObject({ falseDead: 0 });
});

test('a provider whose servers agree is asked six times in all', async () => {
  const counts = await count({ replicas: 24, acceptedAtFirst: 0, halfLifeMs: 1 }, 100);
  expect(counts).toMatchObject({ falseDead: 0, falseAtFirstRejection: 0, meanProbes: 6, mostProbesALook: 4 });
});
