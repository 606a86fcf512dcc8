// What whoever is on call does by hand, on the synthesized templates with the real bundles: drill, silence, dry run, rollback,
// and reading what happened.
import { loadConfig } from '../../bin/config/load-config';
import { incidentId } from '../../core/incident/incident';
import { parseSecretName, secretName } from '../../core/key/key-address';
import { minuteMs } from '../../core/time';
import type { RevokeOrder } from '../../lambda/aws/emergency/orders';
import { functionName } from '../../lib/config/aws/names';
import { deleteAtProvider } from '../../rehearsal/scenarios/emergencies/broken-key';
import { makeFirstKeys } from '../../rehearsal/scenarios/parts/first-keys';
import { incidentsOf, mailOf } from '../../rehearsal/scenarios/parts/incidents';
import { reportUseFor } from '../../rehearsal/scenarios/parts/usage';
import { valueAt } from '../../rehearsal/world/counts/stored-values';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import { rehearse } from '../../rehearsal/world/rehearse';

const key = 'prod/sendgrid/support-bot';
const address = parseSecretName('keyturn/prod/sendgrid/support-bot/main');

/** What one command ended with and said, and what else it led to. */
interface Done {
  code: number;
  said: string;
  mail: string[];
  outcomes: (string | undefined)[];
  keyId: string;
}
const done: Record<string, Done> = {};

/** Does it, waits until everybody has heard, and notes what is new. */
async function note(context: RehearsalContext, what: string, act: () => Promise<number>): Promise<void> {
  const { clock, model } = context.world;
  const before = { mail: mailOf(context).length, said: context.cliOutput.length };
  const known = new Set(incidentsOf(context).map(({ incidentId }) => incidentId));
  const code = await act();
  await clock.runUntil(new Date(clock.now().getTime() + 3 * minuteMs));
  done[what] = {
    code,
    said: context.cliOutput.slice(before.said).join(''),
    mail: mailOf(context)
      .slice(before.mail)
      .map(({ subject }) => subject),
    outcomes: incidentsOf(context).flatMap(({ incidentId, outcome }) =>
      known.has(incidentId) ? [] : [outcome],
    ),
    keyId: valueAt(model.secretsManager.secret(secretName(address)), 'AWSCURRENT')!.keyId,
  };
}

async function play(context: RehearsalContext): Promise<void> {
  await makeFirstKeys(context);
  const command = (what: string, ...args: string[]) => note(context, what, () => context.keyturn(args));
  await command('drill', 'test-alarm', key);
  await command('drill of a signal that the key has not', 'test-alarm', key, '--signal', 'volume-band');
  await command('silence', 'silence', key, '--for', '2h', '--reason', 'load test');
  const planned = context.environment.servers
    .flatMap(server => server.keys)
    .find(one => secretName(one.address) === secretName(address))!;
  await note(context, 'alarm while silenced', async () => {
    deleteAtProvider(context, planned);
    await reportUseFor(context, [address], { requests: 60, authFailures: 60 }, 20);
    return 0;
  });
  await command('end of the silence', 'silence', key, '--off');
  await command('dry run', 'revoke', key, '--reason', 'try', '--drill', '--yes');
  await command('revocation', 'revoke', key, '--reason', 'found in a gist', '--grace', '0s', '--yes');
  await command('rotation', 'rotate', key, '--yes');
  await command('rollback', 'rollback', key, '--yes');
  await note(context, 'rollback in a grace', async () => {
    const { clock, runtime } = context.world;
    const order: RevokeOrder = {
      kind: 'revoke',
      incidentId: incidentId('a mistake', clock.now()),
      keys: [address],
      response: 'replace-first',
      graceSeconds: 120,
      reason: 'a mistake',
      requestedBy: 'somebody',
      dryRun: false,
    };
    const name = functionName('prod', 'emergency-revoke');
    clock.schedule(clock.now(), 'an order', async () => void (await runtime.invoke(name, order)));
    await clock.runUntil(new Date(clock.now().getTime() + minuteMs));
    return context.keyturn(['rollback', key, '--yes']);
  });
  await command('list', 'incidents', '--env', 'prod', '--json');
  const { incidents } = JSON.parse(done.list!.said) as {
    incidents: { incidentId: string; outcome: string }[];
  };
  const contained = incidents.find(({ outcome }) => outcome === 'contained')!;
  await command('show', 'incidents', 'show', contained.incidentId, '--env', 'prod');
  await command('show of none', 'incidents', 'show', '20200101T000000Z-00000000', '--env', 'prod');
  await command('status', 'status', '--env', 'prod', '--server', 'support-bot');
}

beforeAll(async () => {
  const configFile = `${__dirname}/../../config/keys.ts`;
  const { story } = await rehearse({
    config: await loadConfig(configFile),
    configFile,
    environment: 'prod',
    scenario: { name: 'on call', about: 'a person at work', days: 1, play },
    start: new Date('2027-01-01T00:00:00Z'),
    seed: 1,
    onEvent: () => {},
  });
  expect(story.summary).toMatchObject({ orphans: 0, secretsInOutput: 0, violations: [], iam: { denied: 0 } });
});

test('a drill goes the whole way, says DRILL, and changes no key', () => {
  expect(done.drill).toMatchObject({
    code: 0,
    mail: [expect.stringMatching(/^DRILL Keyturn \(prod\): prod\/sendgrid\/support-bot/)],
    outcomes: ['drill'],
    keyId: done.silence!.keyId,
  });
  expect(done.drill!.said).toMatch(
    /recorded incident \S+, within .*; nothing was revoked\nA message marked DRILL was sent to keyturn-prod-oncall; check that it has arrived at \S+@/,
  );
});

test('a drill of an alarm that the key does not have is refused, with those that it has', () => {
  const { code, said, mail } = done['drill of a signal that the key has not']!;
  expect(code).toBe(2);
  expect(said).toContain('has no alarm "volume-band"; use one of auth-failures, volume-ceiling, off-hours');
  expect(mail).toEqual([]);
});

test('a silence is told of, and what happens meanwhile is recorded and changes nothing', () => {
  expect(done.silence).toMatchObject({ code: 0, mail: [expect.stringContaining('is silenced until')] });
  expect(done['alarm while silenced']).toMatchObject({
    mail: [],
    // Refused requests, and it is night.
    outcomes: ['silenced', 'silenced'],
    keyId: done.silence!.keyId,
  });
  expect(done['end of the silence']).toMatchObject({
    code: 0,
    mail: [expect.stringContaining('is no longer silenced')],
  });
});

test('a dry run goes up to the change, and the order itself replaces the key', () => {
  expect(done['dry run']).toMatchObject({ code: 0, outcomes: ['dry-run'], keyId: done.drill!.keyId });
  expect(done.revocation).toMatchObject({ code: 0, outcomes: ['contained'] });
  expect(done.revocation!.keyId).not.toBe(done.drill!.keyId);
  expect(done.revocation!.mail).toEqual([
    expect.stringContaining('was replaced, and its old key is revoked and rejected'),
  ]);
});

test('a rollback makes the key before the current one current again', () => {
  expect(done.rotation!.keyId).not.toBe(done.revocation!.keyId);
  expect(done.rollback).toMatchObject({ code: 0, keyId: done.revocation!.keyId });
});

test('a rollback in the grace of a containment takes its mark away, and the key lives on', () => {
  expect(done['rollback in a grace']).toMatchObject({
    code: 0,
    outcomes: ['rolled-back'],
    keyId: done.rollback!.keyId,
    mail: expect.arrayContaining([
      expect.stringContaining('a compromised key of prod/sendgrid/support-bot is kept'),
    ]),
  });
});

test('incidents are listed, and one is shown with its timeline, its questions and what to do', () => {
  const { incidents } = JSON.parse(done.list!.said) as { incidents: { outcome: string; drill: boolean }[] };
  expect(incidents.map(({ outcome }) => outcome)).toEqual([
    'rolled-back',
    'contained',
    'dry-run',
    'silenced',
    'silenced',
    'drill',
  ]);
  const { code, said } = done.show!;
  expect(code).toBe(0);
  for (const part of [
    `: ${key}`,
    'found in a gist',
    'was issued',
    'became current',
    'was rejected for the first time',
    '## Open questions',
    '## Next steps',
  ])
    expect(said).toContain(part);
  // AWS named the role for the signature of the order.
  expect(said).toMatch(/ordered by arn:aws:sts::\d+:assumed\\?-role\/platform\\?-admin/);
  expect(said).not.toContain('claims to be');
  expect(done['show of none']).toMatchObject({ code: 2 });
  expect(done['show of none']!.said).toContain(
    '`npx keyturn incidents --env prod --since 90d` lists older ones',
  );
});

test('the status afterwards needs nobody', () => {
  expect(done.status!.said).toContain('prod: 3 keys, all well');
  expect(done.status!.code).toBe(0);
});
