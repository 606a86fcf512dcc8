// Many keys at once against AWS's real quotas: hardly longer than these allow; and longer where the product neither paces its
// writes nor works on several keys at a time.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateConfig } from '../../lib/config/validate-config';
import { type MassFindings, massOf } from '../../rehearsal/scenarios/emergencies/mass';
import { incidentsOf } from '../../rehearsal/scenarios/parts/incidents';
import { writeConfig } from '../../rehearsal/world/configs/own-config';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import { rehearse } from '../../rehearsal/world/rehearse';
import { ownAsset } from '../support/linked-assembly';
import { type AlteredCode, bundleAltered } from './altered-code';

/** Enough that what is planted below is seen. */
const many = 80;

interface Played {
  count?: number;
  fault?: AlteredCode;
  before?(context: RehearsalContext): void;
  /** What happens after the command has ended. */
  afterwards?(context: RehearsalContext): Promise<void>;
}

async function play({ count = many, fault, before, afterwards }: Played = {}) {
  const planted = mkdtempSync(join(tmpdir(), 'keyturn-mass-'));
  if (fault) await bundleAltered(fault, planted, ['emergency-revoke']);
  const scenario = massOf(count, ['gitlab', 'resend', 'self-issued']);
  const keys = scenario.keys!();
  const playsOn = async (context: RehearsalContext, end: Date) => {
    before?.(context);
    await scenario.play(context, end);
    await afterwards?.(context);
  };
  const { file, remove } = writeConfig(keys);
  try {
    const { findings, story } = await rehearse({
      config: validateConfig(keys),
      configFile: file,
      environment: 'prod',
      scenario: { ...scenario, play: playsOn },
      start: new Date('2027-01-01T00:00:00Z'),
      seed: 1,
      onEvent: () => {},
      alterAssembly: directory => fault && plantInto(directory, planted),
    });
    return { found: findings as unknown as MassFindings, holds: scenario.holds!(findings), story };
  } finally {
    remove();
    rmSync(planted, { recursive: true });
  }
}

/** In the place of the synthesized emergency function. */
function plantInto(assembly: string, planted: string): void {
  const asset = readdirSync(assembly).find(name => existsSync(join(assembly, name, 'emergency-revoke.mjs')))!;
  ownAsset(join(assembly, asset));
  cpSync(planted, join(assembly, asset), { recursive: true });
}

test('every key is proven dead, nobody is refused for the rate, and the providers end all in hardly longer than the quota allows', async () => {
  const { found, holds, story } = await play();
  expect(found).toMatchObject({
    keys: many,
    contained: many,
    provenDead: many,
    failed: 0,
    throttled: 0,
    commandEndedWith: 0,
    quotaPerSecond: 50,
  });
  // The fresh key goes in; the label of the old one goes when all are dead.
  expect(found.writesPerKeyBeforeRevocation).toBe(1);
  expect(found.writesPerKey).toBe(2);
  expect(found.boundMs).toBe((many / 50) * 1000);
  expect(found.toRevocationMs).toBeLessThanOrEqual(found.toFirstRejectionMs);
  expect(found.toFirstRejectionMs).toBeLessThanOrEqual(found.toLastRejectionMs);
  // No thousand lines in an emergency.
  expect(found.commandLines).toBeLessThan(40);
  expect(story.summary).toMatchObject({ orphans: 0, secretsInOutput: 0, violations: [] });
  expect(holds).toBe(true);
});

test.each<[string, AlteredCode]>([
  [
    'one key of a provider after the other',
    {
      file: 'lambda/aws/emergency/responder.ts',
      changes: [['const keysAtOnce = 50;', 'const keysAtOnce = 1;']],
    },
  ],
  [
    'writes that nobody paces',
    {
      file: 'lambda/aws/secrets/write-rate.ts',
      changes: [['const writesPerSecond = 45;', 'const writesPerSecond = 1e6;']],
    },
  ],
])('%s: seen', async (_, fault) => {
  const { holds } = await play({ fault });
  expect(holds).toBe(false);
});

test('more keys than one run can begin: the others are written down, and later runs go on until the last is dead', async () => {
  // As if a provider allowed so few calls that an invocation came to its end with a few keys.
  const fault: AlteredCode = {
    file: 'lambda/aws/emergency/responder.ts',
    changes: [
      ['const keysAtOnce = 50;', 'const keysAtOnce = 1;'],
      // Of ten minutes, three seconds.
      [
        'clients.clock.now() < beginsUntil',
        'clients.clock.now().getTime() < beginsUntil.getTime() - 597_000',
      ],
    ],
  };
  let left = 0;
  let over = 0;
  const { found, story } = await play({
    count: 24,
    fault,
    async afterwards(context) {
      const open = () => incidentsOf(context).filter(({ status }) => status === 'open').length;
      left = open();
      await context.world.clock.runUntil(new Date(context.world.clock.now().getTime() + 6 * 60 * 60_000));
      over = incidentsOf(context).filter(({ outcome }) => outcome === 'contained').length;
    },
  });
  expect(found.commandEndedWith).toBe(1);
  expect(left).toBeGreaterThan(0);
  expect(found.contained + left).toBe(24);
  expect(over).toBe(24);
  expect(story.summary).toMatchObject({ orphans: 0, secretsInOutput: 0, violations: [] });
});

test('others who write secrets, too: no key fails for it, and all go as fast as is left', async () => {
  const leftPerSecond = 20;
  const writes = ['PutSecretValue', 'UpdateSecretVersionStage'];
  let troubled = -1;
  const { found } = await play({
    before({ faults, world: { clock } }) {
      let tokens = leftPerSecond;
      let at = clock.now().getTime();
      faults.ofAws = ({ operation, caller }) => {
        if (!writes.includes(operation) || caller.sessionName !== 'keyturn-prod-emergency-revoke')
          return undefined;
        const now = clock.now().getTime();
        tokens = Math.min(leftPerSecond, tokens + ((now - at) / 1000) * leftPerSecond);
        at = now;
        if (tokens < 1) return { kind: 'throttle' };
        tokens--;
        return undefined;
      };
    },
    async afterwards(context) {
      troubled = incidentsOf(context).filter(({ steps }) =>
        steps.some(({ what }) => what === 'failed'),
      ).length;
    },
  });
  expect(found).toMatchObject({ contained: many, provenDead: many, commandEndedWith: 0 });
  expect(found.throttled).toBeGreaterThan(0);
  expect(troubled).toBe(0);
  expect(found.toLastRejectionMs).toBeLessThan((2 * 1000 * found.writes) / leftPerSecond);
});
