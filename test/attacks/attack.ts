// Attacks on Keyturn, each a script in a file of its own, in a folder by what is attacked, that exports `attack`. Every attack is run twice: as
// Keyturn stands, where it must get nothing, and with its guards taken out, where it must succeed: a script that always fails
// proves nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoryEvent } from '../../bin/report/lives';
import type { KeysInput } from '../../lib/config/config';
import { validateConfig } from '../../lib/config/validate-config';
import { writeConfig } from '../../rehearsal/world/configs/own-config';
import { confirmedAfterMs } from '../../rehearsal/world/open-rehearsal';
import type { RehearsalContext } from '../../rehearsal/world/rehearsal-context';
import { rehearse } from '../../rehearsal/world/rehearse';
import { type Synthesized, synthesizeApart } from '../../rehearsal/world/synthesis';
import { linkAssembly } from '../support/linked-assembly';
import { type Guard, takeOut } from './guards';

export interface Attack {
  /** Who the attacker is, and what it tries. One line for people. */
  about: string;
  /**
   * Tries it once.
   * @param guarded false where what stops it is to be taken out first
   * @returns what the attacker got, in words; `undefined` where it got nothing
   * @throws where the script itself does not work any more
   */
  run(guarded: boolean): Promise<string | undefined>;
}

export interface RehearsedAttack {
  about: string;
  /** All that stops it; they are taken out together. */
  guards: Guard[];
  /** @default - sampleKeys */
  keys?: KeysInput;
  /** Plays it on a freshly deployed account, in the environment `prod`. @returns as `run` */
  play(context: AttackContext): Promise<string | undefined>;
}

export interface AttackContext extends RehearsalContext {
  /** All that was told so far. */
  events: readonly StoryEvent[];
  /** Lets time go by. */
  pass(ms: number): Promise<void>;
}

export const account = '111111111111';
export const administrator = `arn:aws:iam::${account}:role/platform-admin`;

/** Two servers of two teams with keys at the same provider. */
export const sampleKeys: KeysInput = {
  environments: {
    prod: {
      account,
      region: 'eu-central-1',
      policy: 'prod',
      admins: [administrator],
      notify: { emails: ['on-call@example.com'] },
      trail: 'create',
    },
  },
  servers: {
    bot: {
      team: 'support',
      roles: { prod: `arn:aws:iam::${account}:role/bot` },
      keys: [{ provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' }],
    },
    pay: {
      team: 'payments',
      roles: { prod: `arn:aws:iam::${account}:role/pay` },
      keys: [{ provider: 'sendgrid', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' }],
    },
  },
};

/** A key at a provider that answers 401 to live keys for many reasons. */
export const openaiKeys: KeysInput = {
  ...sampleKeys,
  servers: {
    bot: {
      team: 'support',
      roles: { prod: `arn:aws:iam::${account}:role/bot` },
      keys: [{ provider: 'openai', settings: { project: 'proj_support' }, env: 'OPENAI_API_KEY' }],
    },
  },
};

/** That an answer to a key counts by its words, not by a status of 401 or 403. */
export const bareStatus: Guard = {
  module: 'connectors/http/http.ts',
  exports: {
    createHttp: `target => {
      const http = original.createHttp(target);
      const any = { safeParse: () => ({ success: true }) };
      const rejected = [401, 403].map(status => ['rejected', status, any]);
      return { ...http, probe: (method, path, request, proof) => http.probe(method, path, request, [...rejected, ...proof]) };
    }`,
  },
};

/** An attack that is played against the synthesized templates and the real bundles. */
export function rehearsedAttack({ about, guards, keys = sampleKeys, play }: RehearsedAttack): Attack {
  return {
    about,
    async run(guarded) {
      const { file, remove } = writeConfig(keys);
      const directory = mkdtempSync(join(tmpdir(), 'keyturn-attack-'));
      let got: string | undefined;
      try {
        const synthesized = await synthesizedOnce(keys);
        linkAssembly(synthesized.directory, directory);
        if (!guarded) await takeOut(guards, directory);
        const events: StoryEvent[] = [];
        await rehearse({
          config: validateConfig(keys),
          configFile: file,
          environment: 'prod',
          start: new Date('2027-01-01T00:00:00Z'),
          seed: 1,
          onEvent: event => void events.push(event),
          synthesized: { ...synthesized, directory, remove: () => {} },
          scenario: {
            name: 'attack',
            about,
            days: 0,
            alarmsEveryMinutes: 10,
            async play(context) {
              const { clock } = context.world;
              const pass = (ms: number) => clock.runUntil(new Date(clock.now().getTime() + ms));
              // Before people have confirmed their mailboxes, nobody would hear of anything.
              await pass(confirmedAfterMs);
              got = await play(Object.assign(context, { events, pass }));
            },
          },
        });
        return got;
      } finally {
        remove();
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

const synthesized = new Map<string, Promise<Synthesized>>();

/** Attacks on the same configuration share its templates. */
function synthesizedOnce(keys: KeysInput): Promise<Synthesized> {
  const id = JSON.stringify(keys);
  const before = synthesized.get(id);
  if (before) return before;
  const { file, remove } = writeConfig(keys);
  const made = synthesizeApart(validateConfig(keys), file, 'prod').finally(remove);
  synthesized.set(id, made);
  return made;
}

/** To be called once all attacks have run. */
export async function removeSynthesized(): Promise<void> {
  for (const made of synthesized.values()) (await made).remove();
  synthesized.clear();
}
