// A report of any number of keys, with everything in it that a page can show; and with names that would be markup.

import { eventsOf, type ReportedIncident } from '../../../bin/report/incidents';
import type { KeysReport } from '../../../bin/report/keys-page';
import type { KeyLane } from '../../../bin/report/lives';
import { type AuditFinding, type AuditReport, finding } from '../../../core/audit/finding';
import type { RuleId } from '../../../core/audit/rules';
import { shortName } from '../../../core/key/key-address';
import { dayMs, hourMs } from '../../../core/time';
import { keysOf } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { manyKeys, usualKinds } from '../../../rehearsal/world/configs/many-keys';

const now = new Date('2027-03-10T09:00:00Z');
const ago = (days: number) => new Date(now.getTime() - days * dayMs);
export const hostile = '<img src=x onerror="document.title=1">\u202egnirts';

/** Rules of each severity, one after the other. */
const rules: RuleId[] = [
  'readable-beyond-config',
  'older-than-policy',
  'unknown-key',
  'unused-key',
  'no-expiry',
];

export function madeUpReport(count: number): KeysReport {
  const config = validateConfig(manyKeys({ count, environment: 'prod', policy: 'prod', kinds: usualKinds }));
  const [environment] = config.environments;
  if (!environment) throw new Error('the configuration has no environment');
  const keys = keysOf(environment);
  const names = keys.map(({ address }) => shortName(address));
  const lanes = keys.map(({ spec: { team } }, n): KeyLane => {
    const key = names[n] ?? '';
    const age = 40 + (n % 20);
    return {
      key,
      team,
      ...(n % 2 === 0 && { endsAt: new Date('2027-06-01T00:00:00Z') }),
      lives: [
        { keyId: `first-${n}`, from: ago(170), ended: { at: ago(110 + (n % 9)), how: 'unrecorded' } },
        {
          keyId: n ? `old-${n}` : hostile,
          from: ago(110 + (n % 9)),
          ended: { at: ago(age - 3), how: n % 7 ? 'retired' : 'revoked' },
        },
        { keyId: `new-${n}`, from: ago(age) },
      ],
    };
  });
  const incidents = keys
    .filter((_, n) => n % 40 === 0)
    .map(({ address }, n): ReportedIncident => {
      const at = ago(45 + n);
      const begun = {
        incidentId: `20270101T000000Z-${String(n).padStart(8, '0')}`,
        address,
        cause: { by: 'watch', signal: 'new-reader', principal: hostile, source: '203.0.113.7' },
        at,
        openedAt: at,
        drill: false,
        dryRun: false,
        steps: [
          { at: at.toISOString(), what: 'decided', response: 'replace-first' },
          {
            at: new Date(at.getTime() + hourMs).toISOString(),
            what: 'failed',
            text: `the provider said ${hostile}`,
          },
        ],
      } as const;
      return n ? { ...begun, status: 'closed', outcome: 'contained' } : { ...begun, status: 'open' };
    });
  return {
    environment,
    keys,
    lanes,
    start: ago(180),
    end: now,
    now,
    schedules: keys.map(({ schedule }, n) => ({ key: names[n] ?? '', schedule })),
    incidents,
    events: incidents.flatMap(eventsOf).sort((a, b) => a.at.getTime() - b.at.getTime()),
    audited: { report: madeUpAudit(names) },
  };
}

function madeUpAudit(names: readonly string[]): AuditReport {
  const findings = rules.flatMap((rule, n) =>
    names
      .filter((_, at) => at % 9 === n)
      .map(
        (key): AuditFinding =>
          finding(rule, {
            subject: key,
            keys: [key],
            evidence: [`The role arn:aws:iam::111111111111:role/${hostile} may read it.`],
            fix: `Take it away, or \`npx keyturn rotate ${key}\`.`,
          }),
      ),
  );
  return {
    environment: 'prod',
    at: now,
    findings,
    notCovered: [{ what: 'Lambda functions of other accounts', why: `Keyturn cannot see them: ${hostile}` }],
    ends: names.slice(0, 1).map(key => ({ key, at: '2027-03-01T00:00:00.000Z', by: 'provider' as const })),
    looked: { keys: names.length, providers: 3 },
  };
}
