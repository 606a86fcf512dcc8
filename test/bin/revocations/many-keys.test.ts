// An order about many keys, as people see it: counts and what needs them, not a thousand lines; and one line each where keys are few.

import type { RecordedIncident } from '../../../bin/aws/functions/emergency';
import { blastRadius, question } from '../../../bin/revocations/blast-radius';
import { followOrder } from '../../../bin/revocations/follow-order';
import { needsAttention, resultsOf, resultsText } from '../../../bin/revocations/results';
import { begin, type IncidentStep } from '../../../core/incident/incident';
import { type Item, text } from '../../../lambda/aws/table/table';
import type { Environment, Key } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { manyKeys } from '../../../rehearsal/world/configs/many-keys';

const ordered = new Date('2026-11-23T08:00:00Z');
const incidentId = '20261123T080000Z-0a1b2c3d';
const blow = { graceSeconds: 90, revokeFirst: false, drill: false };
const wide = 200;

function environmentOf(count: number): { environment: Environment; keys: Key[] } {
  const [environment] = validateConfig(manyKeys({ count, environment: 'prod', policy: 'prod' })).environments;
  return { environment: environment!, keys: environment!.servers.flatMap(({ keys }) => keys) };
}

const at = (seconds: number) => new Date(ordered.getTime() + seconds * 1000).toISOString();

function incidentOf(
  { address }: Key,
  outcome: 'contained' | 'unissued' | undefined,
  steps: IncidentStep[],
): RecordedIncident {
  const order = { response: 'replace-first', graceSeconds: 5 } as const;
  const cause = { by: 'person', requestedBy: 'somebody', reason: 'a leak', ...order } as const;
  const begun = begin({ incidentId, address, cause, at: ordered, drill: false, dryRun: false }, ordered);
  return outcome ? { ...begun, status: 'closed', outcome, coveredBy: undefined, steps } : { ...begun, steps };
}

const dead = (seconds: number): IncidentStep => ({
  at: at(seconds),
  what: 'rejected',
  versionId: 'v',
  keyId: 'old',
  proof: 'rejected',
});
const failed: IncidentStep = {
  at: at(1),
  what: 'failed',
  text: 'SendGrid answered 503 to POST /v3/api_keys',
};

describe('the blast radius', () => {
  it('names every key where they are few', () => {
    const { environment, keys } = environmentOf(3);
    expect(blastRadius(environment, keys, blow, wide)).toMatchInlineSnapshot(`
"prod (account 111111111111, eu-central-1): 3 keys of 1 server of 1 team
KEY                                  TEAM   TIER    WHAT HAPPENS
prod/sendgrid/server-0/purpose-0     bench  normal  replaced; the old key is revoked 90 s after the new one is current
prod/openai/server-0/purpose-1       bench  normal  replaced; the old key is revoked 90 s after the new one is current
prod/self-issued/server-0/purpose-2  bench  normal  replaced; the old key is revoked 90 s after the new one is current
"
`);
    expect(question(environment, keys.slice(0, 1))).toMatchInlineSnapshot(
      `"Revoke the key of prod/sendgrid/server-0/purpose-0, in account 111111111111?"`,
    );
  });

  it('counts them by provider where they are many, and so does the question', () => {
    const { environment, keys } = environmentOf(1000);
    expect(blastRadius(environment, keys, { ...blow, revokeFirst: true }, wide)).toMatchInlineSnapshot(`
"prod (account 111111111111, eu-central-1): 1000 keys of 40 servers of 1 team
PROVIDER     KEYS  SERVERS  TEAMS  HIGH TIER  WHAT HAPPENS
sendgrid     334   40       1      0          REVOKED AT ONCE; calls of its server fail until the new key is current
openai       333   40       1      0          REVOKED AT ONCE; calls of its server fail until the new key is current
self-issued  333   40       1      0          REVOKED AT ONCE; calls of its server fail until the new key is current
\`npx keyturn plan --env prod\` lists every key
"
`);
    expect(question(environment, keys)).toMatchInlineSnapshot(
      `"Revoke 1000 keys of prod (334 of sendgrid, 333 of openai, 333 of self-issued), in account 111111111111?"`,
    );
  });
});

describe('the results', () => {
  it('of many keys are counts, and a line for each that needs somebody', () => {
    const { environment, keys } = environmentOf(1000);
    const incidents = keys.slice(1).map((key, n) => {
      if (n === 0) return incidentOf(key, undefined, [failed]);
      return n === 1 ? incidentOf(key, 'unissued', []) : incidentOf(key, 'contained', [dead(3 + n / 20)]);
    });
    const results = resultsOf(keys, incidents, ordered);
    expect(resultsText(environment.name, incidentId, results, wide)).toMatchInlineSnapshot(`
"KEY                               RESULT        REJECTED AFTER  NEW KEY
prod/sendgrid/server-0/purpose-0  NOT FINISHED  -               -        the emergency function has not started; see its log
prod/openai/server-0/purpose-1    NOT FINISHED  -               -        SendGrid answered 503 to POST /v3/api_keys

prod: 998 of 1000 keys done; NOT FINISHED 2, unissued 1, contained 997; the last rejected after 52.9 s
  \`npx keyturn incidents show 20261123T080000Z-0a1b2c3d --env prod\` shows details; Keyturn tries unfinished ones again
"
`);
    expect(results.filter(needsAttention)).toHaveLength(2);
  });

  it('are cut short where everything failed', () => {
    const { environment, keys } = environmentOf(100);
    const lines = resultsText(environment.name, incidentId, resultsOf(keys, [], ordered), wide).split('\n');
    expect(lines.length).toBeLessThan(30);
    expect(lines).toContain('... and 80 more keys that need attention');
  });
});

describe('progress', () => {
  /** A table that shows one more share of the incidents at every look. */
  async function follow(count: number, redraws: boolean) {
    const { keys } = environmentOf(count);
    const said: string[] = [];
    let ms = ordered.getTime();
    let look = 0;
    const items = () => {
      const over = (look++ * count) / 4;
      return keys.map((key, n): Item => {
        const { steps, outcome, status, ...begun } = incidentOf(
          key,
          n < over ? 'contained' : undefined,
          n === count - 1 && n >= over && over > 0 ? [failed] : [],
        );
        return {
          incident: text(JSON.stringify(begun)),
          status: text(status),
          ...(outcome && { outcome: text(outcome) }),
          steps: { L: steps.map(step => text(JSON.stringify(step))) },
        };
      });
    };
    await followOrder({ query: async () => items() } as never, incidentId, count, {
      terminal: {
        err: (line: string) => void said.push(line),
        overwrite: (line: string) => void said.push(redraws ? '\r\u001b[K' : '', line),
        redraws,
        interrupted: new AbortController().signal,
      } as never,
      clock: {
        now: () => new Date(ms),
        sleep: async more => {
          ms += more;
        },
      },
    });
    return said.join('');
  }

  it('is a line for each of few keys', async () => {
    expect(await follow(4, false)).toMatchInlineSnapshot(`
"contained  prod/sendgrid/server-0/purpose-0  2 s  (1 of 4)
contained  prod/openai/server-0/purpose-1  4 s  (2 of 4)
contained  prod/self-issued/server-0/purpose-2  6 s  (3 of 4)
contained  prod/sendgrid/server-0/purpose-3  8 s  (4 of 4)
"
`);
  });

  it('of many keys is a line at each look, and names those that have trouble once', async () => {
    expect(await follow(1000, false)).toMatchInlineSnapshot(`
"0 of 1000 keys done  0 s
not yet  prod/sendgrid/server-39/purpose-24  SendGrid answered 503 to POST /v3/api_keys
250 of 1000 keys done, 1 to be tried again  5 s
500 of 1000 keys done, 1 to be tried again  10 s
750 of 1000 keys done, 1 to be tried again  15 s
1000 of 1000 keys done  20 s
"
`);
  });

  it('is one line drawn anew on a terminal, which ends with the order', async () => {
    const drawn = await follow(100, true);
    expect(drawn.split('\n')).toHaveLength(3);
    expect(drawn.endsWith('100 of 100 keys done  20 s\n')).toBe(true);
  });
});

test('a key that another incident has says who does what, and when', () => {
  const { keys } = environmentOf(1);
  const coveredBy = '20261123T075959Z-00000001';
  const revoked: IncidentStep = { at: at(1), what: 'revoked', versionId: 'v', keyId: 'old' };
  const noteOf = (status: 'closed' | 'waiting', steps: IncidentStep[]) => {
    const incident = {
      ...incidentOf(keys[0]!, undefined, steps),
      status,
      outcome: 'covered',
      coveredBy,
    } as const;
    return resultsOf(keys, [incident], ordered)[0]!.note;
  };
  expect([noteOf('closed', []), noteOf('waiting', []), noteOf('waiting', [revoked])]).toEqual([
    `handled by incident ${coveredBy}`,
    `waits until incident ${coveredBy} is over`,
    `revoked; incident ${coveredBy} replaces it`,
  ]);
});
