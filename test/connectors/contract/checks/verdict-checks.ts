// What no answer of a provider may be taken for: a live key for a dead one, or the other way round.
import { type Check, deadVerdicts, handMade, mangled, otherIssuer } from './check';
import { always, expectVerdicts, isOfDead } from './verdict-cases';

const called = ['issue', 'install', 'roll', ...handMade] as const;

export const verdictChecks: Check[] = [
  {
    name: 'only the provider’s own words, in their place, say that a key is dead or that it lives',
    kinds: called,
    async run(setup) {
      const value = await setup.newKey();
      await expectVerdicts(setup, () => setup.provider.verify(value));
    },
  },
  {
    name: 'the words for a dead key are stated, and what else a live key can get with 401 and 403',
    kinds: called,
    async run({ dialect: { verifyAnswers } }) {
      const ofLive = verifyAnswers.filter(answer => !isOfDead(answer));
      expect(verifyAnswers.filter(isOfDead)).not.toEqual([]);
      expect(ofLive.filter(([, , { status }]) => status === 401 || status === 403).length).toBeGreaterThan(2);
    },
  },
  {
    name: 'the fake says of a dead key what the dialect states',
    kinds: called,
    async run({ newKey, provider, exchanges, dialect }) {
      await provider.verify(mangled(await newKey()));
      const stated = dialect.verifyAnswers.filter(isOfDead).map(([, , { status }]) => status);
      expect(stated).toContain(exchanges.at(-1)?.reply.status);
    },
  },
  {
    name: 'a key that is turned away as live ones are can be told by a control, which is no key',
    kinds: called,
    where: ({ control }) => control !== undefined,
    async run(setup) {
      const { newKey, provider, bind, faults, dialect, calls } = setup;
      const value = await newKey();
      const before = calls.length;
      expect(await provider.control?.()).toBe('accepted');
      expect(calls.slice(before).map(({ kind }) => kind)).toEqual(['verify']);
      const mistyped = bind({ issuer: otherIssuer(setup) });
      expect(['denied', 'rejected']).toContain(await mistyped.control?.());
      for (const answer of dialect.verifyAnswers.filter(isOfDead)) {
        faults(always(answer[2]));
        expect(await provider.control?.()).not.toBe('accepted');
        expect(deadVerdicts(provider)).toContain(await provider.verify(value));
      }
      faults(() => ({ kind: 'hang' }));
      expect(await provider.control?.()).toBe('unknown');
    },
  },
  {
    name: 'without a control no key is denied',
    kinds: called,
    where: ({ control }) => control === undefined,
    async run({ dialect: { verifyAnswers } }) {
      expect(verifyAnswers.filter(([, means]) => means === 'denied')).toEqual([]);
    },
  },
];
