// What the JSON of `keyturn status` holds, as assistants are told.
import * as z from 'zod';
import { states } from '../aws/keys/key-state';
import { environment, fix, key, moment, others, othersIds, own } from './fields';

const problem = z.object({
  key: key.optional(),
  id: othersIds,
  since: moment.optional(),
  text: others,
});

const keyStatus = z.object({
  key,
  state: z.enum(states),
  team: own.optional(),
  tier: own.optional(),
  note: own.optional(),
  fix: fix.optional(),
  issuedAt: moment.optional(),
  rotatedAt: moment.optional(),
  nextRotationBy: moment.optional(),
  endsAt: moment.optional(),
  endsBy: z
    .enum(['provider', 'policy'])
    .optional()
    .describe('Who ends it: its provider, or its policy, by which a person has to replace it'),
  previousUntil: moment.optional(),
  currentVersion: own.optional(),
  pendingVersion: own.optional(),
});

export const statusAnswer = z.object({
  environment,
  keys: z.array(keyStatus),
  needAttention: z.int(),
  alarms: z.array(problem),
  unfinished: z.array(problem),
  unproven: z.array(problem),
  replicasBehind: z.array(problem),
  deliveries: z
    .array(
      z.object({
        key,
        place: own,
        state: z.enum(['delivered', 'waiting', 'under-way', 'trouble']),
        since: moment.optional(),
        until: moment.optional(),
        why: others.optional(),
      }),
    )
    .describe('Places where servers run and keys have to be brought, and whether they have the current key'),
  onCall: z.object({
    topic: own,
    listeners: z.array(z.object({ protocol: own, endpoint: others, state: own, problem: own.optional() })),
    unknown: others.optional(),
  }),
  reporting: z
    .object({
      keys: z.array(
        z.object({ key, isSilent: z.boolean(), readAt: moment.optional(), reportedAt: moment.optional() }),
      ),
      unknown: others.optional(),
    })
    .optional(),
  endsMissed: z
    .array(z.object({ what: others, why: others }))
    .optional()
    .describe('Of which keys the end is not known, and why'),
  trail: own,
});
