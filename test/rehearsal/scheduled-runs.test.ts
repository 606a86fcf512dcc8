// The hourly and daily runs stop, and nothing fails: only their absence can be noticed.
import { dayMs } from '../../core/time';
import { alarmsIn, play } from './few-days';

const missing = (rehearsal: Parameters<typeof alarmsIn>[0]) =>
  alarmsIn(rehearsal).filter(text => /-missing went off/.test(text));

test('a first deploy tells nobody: there was no run yet', async () => {
  const quiet = await play(undefined, undefined, 3);
  expect(missing(quiet)).toEqual([]);
});

test.each([
  ['keyturn-dev-retire-hourly', 'the hourly retirement has not run for three hours'],
  ['keyturn-dev-unfinished-incidents', 'Keyturn has not checked for unfinished incidents in three hours'],
])('without the rule %s people are told within hours', async (rule, headline) => {
  const cut = await play(
    async ({ world }) => {
      await world.clock.runUntil(new Date(world.clock.now().getTime() + 2 * dayMs));
      world.model.eventBridge.removeRule(rule);
    },
    undefined,
    3,
  );
  const told = cut.story.events.filter(({ kind, text }) => kind === 'told' && text.includes(headline));
  expect(told).toHaveLength(1);
});

test('without the rule keyturn-dev-audit-daily people are told within days', async () => {
  const cut = await play(
    async ({ world }) => {
      await world.clock.runUntil(new Date(world.clock.now().getTime() + 3 * dayMs));
      world.model.eventBridge.removeRule('keyturn-dev-audit-daily');
    },
    undefined,
    6,
  );
  const told = cut.story.events.filter(
    ({ kind, text }) => kind === 'told' && text.includes('the audit has not started for two days'),
  );
  expect(told).toHaveLength(1);
});
