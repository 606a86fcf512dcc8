// A rehearsal of a few days, three times: as it should be; with a violation of everything that is counted while it runs; and
// on a template that somebody edited. Every count must follow.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keySecrets, valueAt } from '../../rehearsal/world/counts/stored-values';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import type { Rehearsal } from '../../rehearsal/world/rehearse';
import { alarmsIn, days, play, toldIn } from './few-days';

let clean: Rehearsal;
let violated: Rehearsal;
let edited: Rehearsal;
let leaked: string;

beforeAll(async () => {
  clean = await play();
  violated = await play(context => {
    const account = context.world.providers.account('sendgrid');
    const [secret] = keySecrets(context.world.model).filter(({ name }) => name.includes('/sendgrid/'));
    const current = valueAt(secret!, 'AWSCURRENT')!;
    const live = account.ownerOf(current.secret)!;
    // As a person would, in the provider's console.
    account.revoke(live);
    account.add({
      id: 'made-by-nobody',
      place: live.place,
      name: live.name,
      secret: account.freshSecret(40),
    });
    hinderPromotion(context);
    leaked = current.secret;
    context.cliOutput.push(`the key is ${leaked}\n`);
  });
  edited = await play(undefined, editRotationRole);
});

/** Auth0 has the new secret already when AWSCURRENT cannot be moved to it for a while. */
function hinderPromotion({ faults, world }: RehearsalContext): void {
  let until = 0;
  faults.ofAws = ({ operation, caller }) => {
    if (operation !== 'UpdateSecretVersionStage' || caller.sessionName !== 'keyturn-dev-rotate-auth0')
      return undefined;
    const now = world.clock.now().getTime();
    until ||= now + 5 * 60_000;
    return now < until ? { kind: 'server-error' } : undefined;
  };
}

/** The rotation of sendgrid's keys may no longer publish events, and may delete secrets. */
function editRotationRole(assembly: string): void {
  const file = join(assembly, 'keyturn-dev.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, RoleResource> };
  const role = Object.values(template.Resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::IAM::Role' && Properties.RoleName === 'keyturn-dev-rotate-sendgrid',
  )!;
  const { PolicyDocument } = role.Properties.Policies[0]!;
  const kept = PolicyDocument.Statement.filter(({ Action }) => ![Action].flat().includes('events:PutEvents'));
  if (kept.length === PolicyDocument.Statement.length)
    throw new Error('the role may publish no events to begin with');
  const planted = { Sid: 'Planted', Effect: 'Allow', Action: 'secretsmanager:DeleteSecret', Resource: '*' };
  PolicyDocument.Statement = [...kept, planted];
  writeFileSync(file, JSON.stringify(template));
}

interface RoleResource {
  Type: string;
  Properties: {
    RoleName: string;
    Policies: { PolicyDocument: { Statement: { Action: string | string[] }[] } }[];
  };
}

describe('as it should be', () => {
  test('every key rotates, the old one is proven dead, and nothing is violated', () => {
    const { summary } = clean.story;
    expect(clean.details).toMatchObject({ failedRequests: [], orphans: [], leaks: [], denials: [] });
    expect(summary).toMatchObject({
      scenario: 'few days',
      simulatedDays: days,
      keys: 2,
      rotations: { failed: 0, recovered: 0 },
      requests: { failed: 0 },
      orphans: 0,
      secretsInOutput: 0,
      iam: { denied: 0 },
      providers: ['auth0', 'sendgrid'],
      violations: [],
    });
    expect(summary.rotations.started).toBeGreaterThanOrEqual(2);
    expect(summary.rotations.succeeded).toBe(summary.rotations.started);
    expect(summary.retired).toBeGreaterThanOrEqual(1);
    const { total, lanes } = summary.requests;
    expect(lanes).toMatchObject({
      client: { failed: 0 },
      tokens: { total: 0, failed: 0 },
      run: { failed: 0 },
    });
    expect(lanes.client.total).toBeGreaterThan(60);
    expect(lanes.run.total).toBeGreaterThan(20);
    expect(total).toBe(lanes.client.total + lanes.run.total);
    expect(summary.iam.checkedCalls).toBeGreaterThan(100);
  });

  test('a rotation takes a handful of AWS calls', () => {
    expect(clean.story.summary.awsCallsPerRotation).toBeGreaterThanOrEqual(4);
    expect(clean.story.summary.awsCallsPerRotation).toBeLessThanOrEqual(13);
  });

  test('a provider that swaps keys has a dead window to be looked for, and only such a one', () => {
    expect(clean.story.summary.rollWindowMs).toEqual({ auth0: expect.any(Number) });
    expect(clean.story.summary.rollWindowMs.auth0).toBeLessThan(60_000);
    expect(clean.story.summary.currentDeadMs).toEqual({});
  });

  test('the story has a lane for each key, with a life for each key it held', () => {
    const { lanes, events } = clean.story;
    expect(lanes.map(({ key }) => key).sort()).toEqual(['dev/auth0/bot', 'dev/sendgrid/bot']);
    for (const { lives, promotions } of lanes) {
      expect(lives).toHaveLength(promotions.length);
      expect(promotions.length).toBeGreaterThanOrEqual(2);
      expect(lives.at(-1)!.ended).toBeUndefined();
    }
    const kinds = new Set(events.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['issued', 'rotated', 'retired', 'note']));
    expect(clean.page).toContain('dev/sendgrid/bot');
  });
});

describe('each count moves when it is violated', () => {
  test('requests.failed: a key in use is revoked behind our back', () => {
    expect(violated.story.summary.requests.failed).toBeGreaterThan(0);
    expect(violated.details.failedRequests.join()).toContain('sendgrid');
  });

  test('requests.lanes: so do servers notice that have their keys from `npx keyturn run`', () => {
    const { failed, lanes } = violated.story.summary.requests;
    expect(lanes.client.failed).toBeGreaterThan(0);
    expect(lanes.run.failed).toBeGreaterThan(0);
    expect(failed).toBe(lanes.client.failed + lanes.run.failed);
    expect(violated.details.failedRequests.join()).toContain('bot-host sendgrid: answered 401');
  });

  test('orphans: a key that nobody holds lives at the provider', () => {
    expect(violated.story.summary.orphans).toBe(1);
    expect(violated.details.orphans).toEqual(['sendgrid made-by-nobody']);
  });

  test('secretsInOutput: a secret stands in what the CLI printed, and the report does not repeat it', () => {
    expect(violated.story.summary.secretsInOutput).toBeGreaterThan(0);
    expect(violated.details.leaks.join()).toContain('the CLI holds');
    expect(JSON.stringify(violated)).not.toContain(leaked.slice(-16));
  });

  test('rollWindowMs: a swapped key cannot be promoted for minutes', () => {
    expect(violated.story.summary.rollWindowMs.auth0).toBeGreaterThan(60_000);
  });

  test('currentDeadMs: a current key is dead at a provider that can have two, until its next rotation', () => {
    expect(violated.story.summary.currentDeadMs).toEqual({ sendgrid: expect.any(Number) });
    expect(violated.story.summary.currentDeadMs.sendgrid).toBeGreaterThan(60_000);
    expect(Object.keys(violated.story.summary.rollWindowMs)).toEqual(['auth0']);
  });

  test('people are told of rotations that fail, and of nothing where all goes well', () => {
    expect([...toldIn(clean), ...alarmsIn(clean)]).toEqual([]);
    expect(toldIn(edited)[0]).toBe('mail to on-call: Keyturn (dev): the rotation of dev/sendgrid/bot failed');
  });

  test('iam.denied: a role lacks a grant, and its rotations fail', () => {
    const { iam, rotations } = edited.story.summary;
    expect(iam.denied).toBeGreaterThan(0);
    expect(edited.details.denials[0]).toMatch(
      /keyturn-dev-rotate-sendgrid.* is not authorized to perform: events:PutEvents/,
    );
    expect(rotations.failed).toBeGreaterThan(0);
  });

  test('iam.unusedGrants: a role has a grant that nothing needs', () => {
    const planted = (grants: string[]) => grants.filter(grant => grant.includes('Planted'));
    expect(planted(clean.story.summary.iam.unusedGrants)).toEqual([]);
    expect(planted(edited.story.summary.iam.unusedGrants)).toEqual([
      expect.stringMatching(/Planted: secretsmanager:DeleteSecret \*$/),
    ]);
  });
});
