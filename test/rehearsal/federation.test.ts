// Servers without a key, over hours and in an emergency; and what the findings say where something in it is broken.
import { shortName } from '../../core/key/key-address';
import { hourMs, minuteMs } from '../../core/time';
import { federationsOf } from '../../lib/config/config';
import { federation } from '../../rehearsal/scenarios/federation/federation';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import { playOwn } from './own-scenario';

const names = ['prod/openai/support-bot', 'prod/kernel/support-bot', 'prod/openrouter/triage-bot'];
const each = <T>(value: T) => Object.fromEntries(names.map(name => [name, value]));

/** The same scenario, once something in the world is broken. */
const broken = (breakIt: (context: RehearsalContext) => void) =>
  playOwn({
    ...federation,
    play(context, end) {
      breakIt(context);
      return federation.play(context, end);
    },
  });

test('no call fails for hours, strangers get nothing, and a stolen token is waited out', async () => {
  const { findings, story, details } = await playOwn(federation);
  expect(findings).toMatchObject({ strangersRefused: each(true), ended: each(true) });
  const { tokens, thiefRefusedMs, toldAtMostMs } = findings as Record<string, Record<string, number>>;
  for (const name of names) {
    // Tokens live for ten to fifteen minutes, and are renewed before their end.
    expect(tokens?.[name]).toBeGreaterThanOrEqual(4 * 4 - 1);
    expect(tokens?.[name]).toBeLessThan(60);
    expect(thiefRefusedMs?.[name]).toBeLessThanOrEqual(toldAtMostMs?.[name] ?? 0);
  }
  // What it was worth to disable the key itself.
  expect(thiefRefusedMs?.[names[2] ?? '']).toBeLessThan(10_000);
  expect(thiefRefusedMs?.[names[1] ?? '']).toBeGreaterThan(minuteMs);
  expect(federation.holds?.(findings)).toBe(true);
  expect(story.summary.requests.lanes.federated).toEqual({ total: 3 * (4 * 60 - 1), failed: 0 });
  expect(details).toMatchObject({ failedRequests: [], denials: [], orphans: [], leaks: [] });
  expect(story.summary.violations).toEqual([]);
  expect(story.summary.iam.unusedGrants.filter(grant => grant.includes('GetWebIdentityToken'))).toEqual([]);
});

test('it is seen where providers and servers do not do as they should', async () => {
  const { findings, story } = await broken(context => {
    const { world, environment } = context;
    // OpenAI gives every token an hour more than it says.
    context.faults.ofProvider = ({ provider, kind, method }) => {
      for (const key of world.providers.account('openai').keys)
        if (key.details.trust && !key.details.isLonger) {
          key.details.isLonger = true;
          key.expiresAt = new Date((key.expiresAt?.getTime() ?? 0) + hourMs);
        }
      // OpenRouter says yes, and does nothing.
      if (provider === 'openrouter' && method === 'PATCH')
        return { kind: 'instead', answer: () => ({ status: 200, body: { data: {} } }) };
      // OpenRouter exchanges nothing for longer than a token lives.
      const minutes = (world.clock.now().getTime() - Date.parse('2027-01-01T03:00:00Z')) / minuteMs;
      if (provider === 'openrouter' && kind === 'exchange' && minutes > 0 && minutes < 30)
        return { kind: 'status', status: 500 };
      return undefined;
    };
    // Kernel's admin let another role in, too.
    const kernel = federationsOf(environment).find(({ address }) => address.provider === 'kernel');
    if (!kernel || shortName(kernel.address) !== names[1]) throw new Error('there is no such federation');
    const { issuer } = world.model.webIdentity;
    const subject = 'arn:aws:iam::111111111111:role/platform-admin';
    world.providers.trust('kernel', { settings: kernel.settings, issuer, subject });
  });
  expect(federation.holds?.(findings)).toBe(false);
  expect(findings.strangersRefused).toEqual({ ...each(true), 'prod/kernel/support-bot': false });
  expect(findings.ended).toEqual({ ...each(true), 'prod/openrouter/triage-bot': false });
  const { thiefRefusedMs, toldAtMostMs } = findings as Record<string, Record<string, number>>;
  expect(thiefRefusedMs?.['prod/openai/support-bot']).toBeGreaterThan(
    toldAtMostMs?.['prod/openai/support-bot'] ?? Infinity,
  );
  expect(story.summary.requests.lanes.federated.failed).toBeGreaterThan(5);
});
