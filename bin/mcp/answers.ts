// What each command's JSON holds, as assistants are told: the one place that says so. A field that does not stand here is not handed
// out.
import * as z from 'zod';
import { states } from '../aws/keys/key-state';
import { command, environment, fix, key, moment, others, othersIds, own, runbookAt } from './fields';

const named = { key, environment, provider: own, server: own, purpose: own };

const plannedKey = z.object({
  ...named,
  team: own,
  tier: own,
  rotateEvery: own,
  schedule: z.object({ cron: own, windowHours: z.number(), words: own }).optional(),
  byHand: own.optional(),
  next: z.array(moment),
  overlapHours: z.number(),
  variables: z.record(z.string(), own),
  deliverTo: z.array(own).optional().describe('Where it is brought after each rotation'),
  scopes: z.array(own),
  reason: others.optional(),
  couldBe: own.optional().describe('How its server could do without it: completes "you could ..."'),
  monthlyUsd: z.number(),
});

/** Where the provider accepts the server's AWS role, and no key exists. */
const plannedFederation = z.object({
  ...named,
  title: own,
  trust: own,
  audience: own,
  tokenSecondsAtMost: z.number(),
  end: own,
  variables: z.record(z.string(), own),
});

export const planAnswer = z.object({
  environments: z.array(
    z.object({
      name: environment,
      account: own,
      region: own,
      timeZone: own.optional(),
      keys: z.array(plannedKey),
      federations: z.array(plannedFederation),
      policies: z.array(z.object({ server: own, role: own, policy: own })),
      platformUsd: z.number(),
      monthlyUsd: z.number(),
      emergencyConcurrency: z.number().optional(),
      trail: own.optional(),
      warnings: z.array(own),
      preparations: z.array(own),
    }),
  ),
  monthlyUsd: z.number(),
  formula: own,
  monthlyUse: z.record(z.string(), z.number()),
  quotas: z.array(own),
  assumptions: z.array(own),
  pricesAsOf: own,
  priceSources: z.array(own),
});

const cause = z.object({
  by: z.enum(['alarm', 'watch', 'report', 'person']),
  signal: own.optional(),
  alarmArn: others.optional(),
  principal: others.optional(),
  source: others.optional(),
  reporter: own.optional(),
  where: others.optional(),
  versionId: own.optional(),
  reason: others.optional(),
  requestedBy: others.optional(),
  provenAs: others.optional(),
  response: own.optional(),
  graceSeconds: z.number().optional(),
});

const incident = z.object({
  incidentId: own,
  key,
  cause,
  at: moment,
  status: z.enum(['open', 'waiting', 'check-again', 'closed']),
  outcome: own.optional(),
  drill: z.boolean(),
  dryRun: z.boolean(),
  steps: z.array(
    z.object({
      at: moment,
      what: own,
      versionId: own.optional(),
      keyId: othersIds.optional(),
      issuedAt: moment.optional(),
      firstAt: moment.optional(),
      proof: own.optional(),
      regions: z.array(own).optional(),
      response: own.optional(),
      text: others.optional(),
    }),
  ),
  command: command.describe('Shows all of it to a person'),
  runbook: runbookAt,
});

export const incidentsAnswer = z.object({ environment, incidents: z.array(incident) });

export const incidentAnswer = incidentsAnswer.extend({
  reports: z.array(
    z.object({
      incidentId: own,
      key,
      cause: others,
      outcome: own.optional(),
      timeline: z.array(z.object({ at: moment, text: others })),
      openQuestions: z.array(others),
      nextSteps: z.array(z.object({ text: others, command: command.optional() })),
    }),
  ),
});

const probe = z.object({ at: moment, verdict: own, control: own.optional() });

export const proofAnswer = z.object({
  environment,
  certificates: z.array(
    z.object({
      key,
      address: z.object({ environment, provider: own, server: own, purpose: own }),
      state: z.enum(['alive', 'unproven', 'rejected', 'dead']),
      versionId: own,
      keyId: othersIds.optional(),
      of: own,
      looks: z.array(
        z.object({
          look: own,
          by: own,
          revokedAt: moment,
          finding: own,
          probes: z.array(probe),
          list: own.optional(),
        }),
      ),
      revokedAt: moment.optional(),
      firstRejectedAt: moment.optional(),
      lastRejectedAt: moment.optional(),
      firstAcceptedAt: moment.optional(),
      lastAcceptedAt: moment.optional(),
      probes: z.int(),
    }),
  ),
});

export const whoamiAnswer = z.object({
  account: own,
  arn: own,
  profile: own.nullable(),
  environments: z.array(
    z.object({
      environment,
      account: own,
      region: own,
      access: z.enum(['admin', 'deployer', 'not-named', 'another-account']),
    }),
  ),
});

export const auditAnswer = z.object({
  audits: z.array(
    z.object({
      environment,
      at: moment,
      findings: z
        .array(
          z.object({
            rule: own,
            severity: z.enum(['high', 'medium', 'low']),
            subject: others,
            keys: z.array(key),
            provider: own.optional(),
            evidence: z.array(others),
            fix,
          }),
        )
        .describe('Worst first'),
      notCovered: z.array(z.object({ what: others, why: others })),
      looked: z.record(z.string(), z.number()).describe('What was looked at, and how many'),
    }),
  ),
});

export const whyAnswer = z.object({
  environment,
  key: key.nullable().describe('The key that this is about; null if no key has a problem'),
  state: z.enum(states).nullable(),
  causes: z
    .array(
      z.object({
        says: own,
        evidence: z.array(z.object({ at: moment.optional(), source: own, text: others })),
        next: z.array(z.object({ text: fix, command: command.optional() })),
        runbook: runbookAt,
      }),
    )
    .describe('Worst first; empty if no problem was found'),
  others: z.array(z.object({ key, text: others })).describe('What else is wrong in the environment'),
  notLooked: z.array(z.object({ what: own, why: others })),
  lookedBackDays: z.int(),
});

export const runbookAnswer = z.object({
  source: own.describe('Where the runbook is'),
  sections: z.array(z.object({ section: z.string(), title: z.string(), text: z.string().optional() })),
});
