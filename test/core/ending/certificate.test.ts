// What a certificate tells of the time that a key's end took.
import { deathTimes, type Look } from '../../../core/ending/certificate';
import type { Verdict } from '../../../core/provider';

const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 12, 0, second)).toISOString();

const look = (revokedAt: number, ...said: [second: number, verdict: Verdict][]): Look => ({
  look: 'first',
  by: 'rotation',
  revokedAt: at(revokedAt),
  finding: 'rejected',
  probes: said.map(([second, verdict]) => ({ at: at(second), verdict })),
});

test('a denial counts as a rejection, and what nobody answered as neither', () => {
  const looks = [
    look(0, [1, 'unknown'], [2, 'accepted'], [3, 'denied'], [4, 'accepted'], [5, 'rejected']),
    look(6, [7, 'denied'], [8, 'unknown']),
  ];
  expect(deathTimes({ looks })).toEqual({
    revokedAt: at(0),
    firstAcceptedAt: at(2),
    lastAcceptedAt: at(4),
    firstRejectedAt: at(3),
    lastRejectedAt: at(7),
    probes: 7,
  });
});

test('looks are in order, in whichever they were noted', () => {
  const looks = [look(9, [10, 'rejected']), look(0, [1, 'rejected'])];
  expect(deathTimes({ looks })).toEqual({
    revokedAt: at(0),
    firstRejectedAt: at(1),
    lastRejectedAt: at(10),
    probes: 2,
  });
});

test('of a key that nobody was asked about, no times are told', () => {
  expect(deathTimes({ looks: [look(0)] })).toEqual({ revokedAt: at(0), probes: 0 });
});
