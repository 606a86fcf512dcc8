import { type EndingKey, findEndingSoon, keyEnd } from '../../../core/audit/ends';
import { dayMs, hourMs } from '../../../core/time';

const now = new Date('2026-11-29T12:00:00Z');
const inDays = (days: number) => new Date(now.getTime() + days * dayMs);
const steps = { make: 'make one in the console', end: 'delete it there' };

/** Issued 60 days ago, under a policy of 90. */
const ending = (about: Partial<EndingKey> & { ends?: Date }): EndingKey => {
  const { ends, ...others } = about;
  const value = {
    issuedAt: inDays(-60).toISOString(),
    ...(ends && { expiresAt: ends.toISOString() }),
  };
  return { key: 'prod/openai/bot', spec: { maxGapDays: 90 }, value, told: undefined, ...others };
};
const found = (about: Parameters<typeof ending>[0]) =>
  findEndingSoon(ending(about), now).map(({ rule, evidence, fix }) => ({ rule, evidence, fix }));

describe('a key that rotates', () => {
  const rotationDueBy = inDays(10);

  test('may end once its next rotation is due, and not before', () => {
    expect(found({ rotationDueBy, ends: new Date(rotationDueBy.getTime() + 1) })).toEqual([]);
    expect(found({ rotationDueBy, ends: rotationDueBy })).toEqual([
      {
        rule: 'ends-soon',
        evidence: [
          'It expires at its provider in 10 days, on 2026-12-09.',
          'It should rotate by 2026-12-09 12:00 UTC.',
        ],
        fix: '`npx keyturn rotate prod/openai/bot` creates a new one now; if it fails, it prints the reason.',
      },
    ]);
  });

  test('is told of a week before its end, where its rotation is late', () => {
    const late = { rotationDueBy: inDays(-1) };
    expect(found({ ...late, ends: new Date(inDays(7).getTime() + hourMs) })).toEqual([]);
    expect(found({ ...late, ends: inDays(7) })).toHaveLength(1);
    expect(found({ ...late, ends: inDays(-2) })[0]?.evidence[0]).toBe(
      'It expired at its provider on 2026-11-27.',
    );
  });

  test('has no end by its policy, which is what rotates it', () => {
    expect(keyEnd(ending({ rotationDueBy }))).toBeUndefined();
    expect(keyEnd(ending({ rotationDueBy, ends: inDays(200) }))).toEqual({ at: inDays(200), by: 'provider' });
    expect(keyEnd(ending({ rotationDueBy, told: 'never', ends: inDays(3) }))).toBeUndefined();
  });
});

describe('a key that only a person makes', () => {
  test('is told of from its first reminder on, whoever ends it', () => {
    expect(found({ steps, told: new Date(inDays(30).getTime() + 1), spec: { maxGapDays: 365 } })).toEqual([]);
    expect(found({ steps, told: inDays(30), spec: { maxGapDays: 365 } })).toEqual([
      {
        rule: 'ends-soon',
        evidence: [
          'It expires at its provider in 30 days, on 2026-12-29.',
          'Only a person can create a new one.',
        ],
        fix: 'A person has to make one in the console, and store it with `npx keyturn adopt prod/openai/bot --replace`.',
      },
    ]);
    expect(found({ steps })[0]?.evidence[0]).toBe('Its policy requires a new key in 30 days, on 2026-12-29.');
    expect(found({ steps, spec: { maxGapDays: 91 } })).toEqual([]);
  });

  test('is left to another rule where it is older than its policy, and not where its provider has ended it', () => {
    expect(found({ steps, spec: { maxGapDays: 60 } })).toEqual([]);
    expect(found({ steps, spec: { maxGapDays: 60.5 } })).toHaveLength(1);
    expect(found({ steps, told: inDays(-1) })).toHaveLength(1);
  });
});
