// A server whose reports are lost, on the synthesized templates with the real bundles and the client library: people are told,
// and told again when it reports.
import { dayMs } from '../../core/time';
import { play, toldIn } from './few-days';

test('people are told of a server whose log lines are lost, and when they come again', async () => {
  const rehearsal = await play(
    async ({ world: { clock, model } }) => {
      const { cloudWatch } = model;
      const { ingestLogLine } = cloudWatch;
      // As where somebody has deleted its log group.
      cloudWatch.ingestLogLine = (name, line) =>
        name === 'bot' ? 'no-metrics' : ingestLogLine.call(cloudWatch, name, line);
      await clock.runUntil(new Date(clock.now().getTime() + 9 * dayMs));
      cloudWatch.ingestLogLine = ingestLogLine;
    },
    undefined,
    12,
  );
  const told = toldIn(rehearsal).filter(text => /report/.test(text));
  for (const key of ['dev/auth0/bot', 'dev/sendgrid/bot']) {
    const ofKey = told.filter(text => text.includes(key));
    expect(ofKey).toEqual([
      expect.stringContaining(`the server of ${key} does not report how it uses the key`),
      expect.stringContaining(`the server of ${key} reports how it uses the key again`),
    ]);
  }
  expect(rehearsal.story.summary).toMatchObject({ iam: { denied: 0 }, violations: [] });
});
