// Faults in the product that an exploration must see, each with the piece of work in which it shows.
import type { Job } from './job';
import type { PlantedFault } from './planted-code';

export interface Case extends PlantedFault {
  name: string;
  job: Job;
  seen: RegExp;
}

const releases =
  '    for (const label of labels) await tools.store.moveLabel(state, label, { from: versionId });\n';
const releasesAll =
  '  for (const { versionId, labels } of versions)\n    for (const label of labels) await tools.store.moveLabel(state, label, { from: versionId });\n';
const unlessNone = "    if (key !== 'none') {\n";
const asksForProof = 'const verdict = await proveRejected(provider, key, clock);';

export const plantedFaults: Case[] = [
  {
    name: 'a create is resent when its answer got lost',
    file: 'connectors/providers/sendgrid.ts',
    changes: [['once: true', 'once: false']],
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['answer lost'] },
    seen: /answer lost at call \d+ \(POST \/v3\/api_keys\): in the end \S+ lives, and no label holds it/,
  },
  {
    name: 'the sweep is left out',
    file: 'core/ending/orphans.ts',
    changes: [['  for (const { id } of orphans) await provider.revoke(id);\n', '']],
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['stopped after'] },
    seen: /stopped after at call \d+ \(POST \/v3\/api_keys\): in the end \S+ lives, and no label holds it/,
  },
  {
    name: 'a key that was made after its retry is never looked for',
    file: 'core/ending/orphans.ts',
    changes: [['...(await lateKeys(store, state, listed)),', '']],
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['carried out late'], at: 'POST /v3/api_keys' },
    seen: /in the end \S+ lives, and no label holds it/,
  },
  {
    name: 'the key of a rotation that a person dropped is forgotten',
    file: 'core/rotation/rotation.ts',
    changes: [['  await endDropped(keyTools, state);\n', '']],
    job: { provider: 'oauth-client', phase: 'rotation', faults: ['outage of 3 hours'], only: 4 },
    seen: /outage of 3 hours at call \d+ .*: KEYTURN-DROPPED is still there/,
  },
  {
    name: 'what a dropped rotation made and never stored is forgotten',
    file: 'core/ending/ending.ts',
    changes: [["return kind === 'issue' ? 'lost' : 'none';", "return 'none';"]],
    job: {
      provider: 'sendgrid',
      phase: 'rotation',
      faults: ['outage of 3 hours'],
      at: 'secretsmanager PutSecretValue',
    },
    seen: /outage of 3 hours at call \d+ .*: in the end \S+ lives, and no label holds it/,
  },
  {
    name: 'a key is promoted without being verified',
    file: 'core/rotation/rotation.ts',
    changes: [
      [
        'const verdict = await proveAccepted(provider, pending.value, tools.clock);',
        "const verdict = 'accepted' as string;",
      ],
    ],
    job: { provider: 'openai', phase: 'rotation', faults: [] },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'nobody is told where the promotion was done before',
    file: 'core/rotation/rotation.ts',
    changes: [['if (!isDone(state, token)) {\n', 'if (isDone(state, token)) return;\n  {\n']],
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['stopped before'] },
    seen: /stopped before at call \d+ \(events PutEvents\): no event told of the key that is current/,
  },
  {
    name: 'a leftover key is forgotten by the next rotation',
    file: 'core/rotation/rotation.ts',
    changes: [
      ['  await endPrevious(keyTools, state);\n', ''],
      ['    await endPrevious({ store, provider: tools.provider(state), clock }, state);\n', ''],
    ],
    job: { provider: 'sendgrid', phase: 'rotation in an overlap', faults: [] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'the label goes before the key is revoked',
    file: 'core/ending/ending.ts',
    changes: [
      [releases, ''],
      [
        '  // All are revoked before any is proven',
        `${releasesAll}  // All are revoked before any is proven`,
      ],
    ],
    job: { provider: 'openai', phase: 'retire', faults: ['stopped after'] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'a revoked key is not asked for',
    file: 'core/ending/ending.ts',
    changes: [[asksForProof, "const verdict = 'rejected' as string;"]],
    job: { provider: 'openai', phase: 'retire', faults: [] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'the current key is revoked in place of the one before',
    file: 'core/ending/ending.ts',
    changes: [
      [
        'for (const id of ids) await provider.revoke(id, held);',
        'for (const { id } of await provider.list()) if (!ids.includes(id)) await provider.revoke(id);',
      ],
    ],
    job: { provider: 'okta', phase: 'retire', faults: [] },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'a new secret is logged',
    file: 'lambda/aws/secrets/secret-store.ts',
    changes: [["      return 'stored';\n", "      console.info('stored', value);\n      return 'stored';\n"]],
    job: { provider: 'gitlab', phase: 'rotation', faults: [] },
    seen: /the log holds \d+ characters of a secret/,
  },
  {
    name: 'a containment forgets the pending key that it displaces',
    file: 'core/incident/marks.ts',
    changes: [[", holderOf(state, 'AWSPENDING')]", ']']],
    job: { provider: 'sendgrid', phase: 'emergency while rotations fail', faults: [] },
    seen: /PutSecretValue took the last label of \S+, which lives/,
  },
  {
    name: 'a containment forgets the key that a rotation displaces',
    file: 'core/incident/marks.ts',
    changes: [['new Set([current, ', 'new Set([']],
    job: {
      provider: 'sendgrid',
      phase: 'emergency',
      faults: ['rotated meanwhile'],
      at: 'secretsmanager PutSecretValue',
    },
    seen: /nobody reported that \S+ is dead/,
  },
  {
    name: 'the label of a compromised key goes before it is proven dead',
    file: 'core/ending/ending.ts',
    changes: [
      [releases, ''],
      [unlessNone, `${releases}${unlessNone}`],
    ],
    job: { provider: 'openai', phase: 'emergency', faults: [] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'the label of a compromised key goes before its end is written down',
    file: 'core/ending/ending.ts',
    changes: [
      [releases, ''],
      [
        unlessNone,
        `    if (key === 'none') {
${releases}    } else {
`,
      ],
      ['      ended.push({ versionId', `${releases}      ended.push({ versionId`],
    ],
    job: {
      provider: 'openai',
      phase: 'emergency',
      faults: ['stopped after'],
      at: 'secretsmanager UpdateSecretVersionStage',
    },
    seen: /nobody reported that \S+ is dead/,
  },
  {
    name: 'a compromised key is reported dead without being asked for',
    file: 'core/ending/ending.ts',
    changes: [[asksForProof, "const verdict = 'rejected' as string;"]],
    job: { provider: 'openai', phase: 'emergency', faults: [] },
    seen: /was reported dead, and nobody had seen it rejected/,
  },
  {
    name: 'a replacement is promoted without being verified',
    file: 'core/incident/replacement.ts',
    changes: [
      [
        'const verdict = await proveAccepted(provider, value, clock);',
        "const verdict = 'accepted' as string;",
      ],
    ],
    job: { provider: 'openai', phase: 'emergency', faults: [] },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'a rotation sweeps the key that a containment has staged',
    file: 'core/ending/orphans.ts',
    changes: [[', stagedLabel] as const', '] as const']],
    job: {
      provider: 'aws-iam',
      phase: 'emergency',
      faults: ['rotated meanwhile'],
      at: 'secretsmanager UpdateSecretVersionStage',
    },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'room is made by what was current before a rotation',
    file: 'core/incident/replacement.ts',
    changes: [
      [
        '  const listed = (await provider.list())',
        '  const state = await store.describe(arn);\n  const listed = (await provider.list())',
      ],
      ['await abandonRotation(store, arn)', 'state'],
    ],
    job: { provider: 'okta', phase: 'emergency', faults: ['rotated meanwhile'], at: 'GET /api/v1/apps' },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'a key that a containment has staged keeps its label',
    file: 'core/incident/containment.ts',
    changes: [[' || (state.versions[versionId] ?? []).includes(stagedLabel)', '']],
    job: { provider: 'okta', phase: 'emergency', faults: [] },
    seen: /KEYTURN-NEXT is still there/,
  },
  {
    name: 'a containment waits for a rotation',
    file: 'core/incident/replacement.ts',
    changes: [
      [
        '  let tried = own.findLastIndex(',
        "  if (holderOf(state, 'AWSPENDING')) throw allRejected(job, state);\n  let tried = own.findLastIndex(",
      ],
    ],
    job: { provider: 'sendgrid', phase: 'emergency without a rotation function', faults: [] },
    seen: /the containment does not come through/,
  },
  {
    name: 'an incident records a secret',
    file: 'core/incident/containment.ts',
    changes: [['issuedAt: value.issuedAt', 'issuedAt: value.secret']],
    job: { provider: 'gitlab', phase: 'emergency', faults: [] },
    seen: /an incident holds \d+ characters of a secret/,
  },
];
