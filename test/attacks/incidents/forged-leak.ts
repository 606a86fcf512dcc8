import { secretName } from '../../../core/key/key-address';
import { minuteMs } from '../../../core/time';
import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { incidentsOf } from '../../../rehearsal/scenarios/parts/incidents';
import { valueAt } from '../../../rehearsal/world/counts/stored-values';
import { needed } from '../../../rehearsal/world/needed';
import { openScanners } from '../../../rehearsal/world/scanners';
import { rehearsedAttack, sampleKeys } from '../attack';
import type { Guard } from '../guards';

const signatures: Guard = {
  module: 'core/leaks/signatures.ts',
  exports: { isGithubSignature: '() => true', isTruffleHogSignature: '() => true' },
  functions: ['leak-report'],
};

const known = { environment: 'prod', provider: 'sendgrid', server: 'pay', purpose: 'main' };
const { prod } = sampleKeys.environments;

export const attack = rehearsedAttack({
  about:
    'somebody who knows a live key reports it as leaked, again and again, in the name of scanners, to have it replaced',
  guards: [signatures],
  keys: {
    ...sampleKeys,
    environments: {
      prod: { ...needed(prod, 'prod'), leakReports: { from: ['github', 'trufflehog'] } },
    },
  },
  async play(context) {
    const { model } = context.world;
    await makeFirstKeys(context);
    const scanners = await openScanners(context);
    const live = needed(
      valueAt(model.secretsManager.secret(secretName(known)), 'AWSCURRENT'),
      'a key',
    ).secret;
    // A report that GitHub did sign, about something else, and a signature of another body of TruffleHog's.
    const github = scanners.github([
      { token: 'a-text-that-anybody-may-publish', url: 'https://example.com' },
    ]);
    const hog = scanners.trufflehog('a-text-that-anybody-may-publish', 'https://example.com');
    const body = Buffer.from(JSON.stringify([{ token: live, type: 'a', url: 'https://example.com' }]));
    const answers = new Set<string>();
    for (const { headers } of [github, hog])
      answers.add(JSON.stringify(await scanners.send({ headers, body })));
    answers.add(JSON.stringify(await scanners.send(github)));
    await context.pass(20 * minuteMs);
    const begun = incidentsOf(context).filter(({ cause }) => cause.by === 'report').length;
    if (begun) return `${begun} keys replaced for a report that no scanner sent`;
    return answers.size > 1 ? 'answers tell a good signature from a bad one' : undefined;
  },
});
