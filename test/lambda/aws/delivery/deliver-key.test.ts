// How long one run goes on with what it cannot start.
import { secondMs } from '../../../../core/time';
import { fakeGithubActions } from '../../../../rehearsal/places/fake-github-actions';
import { hostPlaces } from '../../../support/hosted-places';
import { openDeliverSetup } from './deliver-setup';

test.each([
  [14, [0, 29, 58, 87]],
  [15, [0, 30, 60]],
])(
  'it is tried again for a minute, and then left to the next hour: each try takes %i s',
  async (takes, begun) => {
    const to = 'github-actions';
    const token = 'github_pat_FAKESECRET0123456789';
    const place = { to, repository: 'example/reports', secret: 'API_KEY' };
    const setup = await openDeliverSetup([place], { tokens: { [to]: token } });
    const github = fakeGithubActions();
    github.tokens.add(token);
    github.add('example/reports', 'prod');
    const headers = { 'retry-after': String(takes) };
    const beganMs = setup.aws.clock.now().getTime();
    const tries: number[] = [];
    const hosted = hostPlaces([github], setup.aws.clock, ({ asked }) => {
      if (asked.endsWith('/public-key')) tries.push((setup.aws.clock.now().getTime() - beganMs) / secondMs);
      return asked.startsWith('PUT') ? { status: 503, headers, body: {} } : undefined;
    });
    try {
      await setup.promote('one');
      await setup.hourly();
      expect(tries).toEqual(begun);
    } finally {
      hosted.close();
      await setup.close();
    }
  },
);
