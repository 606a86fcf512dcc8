// Faults of the kind that careless changes make in rotations and retirements, each with the piece of work in which an
// exploration must see it. They are planted in the calls of the functions: what a fault would leave out is answered as if it
// had been done, what it would do too early or twice is done so. So they hold wherever in the product a rule stands.
import type { Deployment } from './deployment';
import {
  acceptsTooEarly,
  hidesKeys,
  hidesLabel,
  isUnheld,
  leavesOutRevocation,
  releasesBefore,
  reportsDeadUnasked,
} from './distortions';
import type { Distortion } from './gate';
import type { Job } from './job';

export interface PlantedFault {
  name: string;
  /** Which functions have it. */
  in: readonly ('rotateFunction' | 'retireFunction' | 'emergencyFunction')[];
  plant(deployment: Deployment): Distortion;
  job: Job;
  seen: RegExp;
}

export const rotationFaults: PlantedFault[] = [
  {
    name: 'a create is resent when its answer got lost',
    in: ['rotateFunction'],
    plant: () => ({
      provider: ({ kind }, planned) =>
        kind === 'create' && planned?.kind === 'drop-after'
          ? {
              kind: 'instead',
              answer(carryOut) {
                carryOut();
                return carryOut();
              },
            }
          : planned,
    }),
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['answer lost'] },
    seen: /answer lost at call \d+ \(POST \/v3\/api_keys\): in the end \S+ lives, and no label holds it/,
  },
  {
    name: 'the sweep is left out',
    in: ['rotateFunction'],
    plant: deployment => leavesOutRevocation(deployment, key => isUnheld(deployment, key)),
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['stopped after'] },
    seen: /stopped after at call \d+ \(POST \/v3\/api_keys\): in the end \S+ lives, and no label holds it/,
  },
  {
    name: 'a key that was made after its retry is never looked for',
    in: ['rotateFunction'],
    plant: deployment => leavesOutRevocation(deployment, key => isUnheld(deployment, key, 'AWSCURRENT')),
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['carried out late'], at: 'POST /v3/api_keys' },
    seen: /in the end \S+ lives, and no label holds it/,
  },
  {
    name: 'the key of a rotation that was given up is forgotten',
    in: ['rotateFunction', 'retireFunction'],
    plant: () => hidesLabel('KEYTURN-DROPPED'),
    job: { provider: 'oauth-client', phase: 'rotation', faults: ['outage of 3 hours'], only: 4 },
    seen: /outage of 3 hours at call \d+ .*: KEYTURN-DROPPED is still there/,
  },
  {
    name: 'what a rotation made that was given up, and never stored, is forgotten',
    in: ['rotateFunction', 'retireFunction'],
    plant: deployment => hidesKeys(deployment, key => isUnheld(deployment, key)),
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
    in: ['rotateFunction'],
    plant: acceptsTooEarly,
    job: { provider: 'openai', phase: 'rotation', faults: [] },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'nobody is told where the promotion was done before',
    in: ['rotateFunction'],
    plant(deployment) {
      let wasDone = false;
      return {
        aws({ operation }, planned) {
          if (operation === 'DescribeSecret') wasDone = !deployment.isPending;
          if (operation !== 'PutEvents' || !wasDone) return planned;
          return {
            kind: 'instead',
            answer: async () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'x' }] }),
          };
        },
      };
    },
    job: { provider: 'sendgrid', phase: 'rotation', faults: ['stopped after'] },
    seen: /stopped after at call \d+ \(secretsmanager UpdateSecretVersionStage\): no event told of the key that is current/,
  },
  {
    name: 'a leftover key is forgotten by the next rotation',
    in: ['rotateFunction'],
    plant: () => hidesLabel('AWSPREVIOUS'),
    job: { provider: 'sendgrid', phase: 'rotation in an overlap', faults: [] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'the label goes before the key is revoked',
    in: ['retireFunction'],
    plant: deployment => releasesBefore(deployment, 'revoke'),
    job: { provider: 'openai', phase: 'retire', faults: ['stopped after'] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'a revoked key is not asked for',
    in: ['retireFunction'],
    plant: reportsDeadUnasked,
    job: { provider: 'openai', phase: 'retire', faults: [] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'the current key is revoked in place of the one before',
    in: ['retireFunction'],
    plant(deployment) {
      const wrong = leavesOutRevocation(deployment, () => true);
      return {
        provider(call, planned) {
          const current = deployment.account.ownerOf(deployment.valueAt('AWSCURRENT')?.secret);
          if (call.kind === 'revoke' && current) deployment.account.revoke(current);
          return wrong.provider?.(call, planned);
        },
      };
    },
    job: { provider: 'okta', phase: 'retire', faults: [] },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'a new secret is logged',
    in: ['rotateFunction'],
    plant: ({ world }) => ({
      aws({ operation, params }, planned) {
        if (operation === 'PutSecretValue') world.leaks.look('the log', String(params.SecretString));
        return planned;
      },
    }),
    job: { provider: 'gitlab', phase: 'rotation', faults: [] },
    seen: /the log holds \d+ characters of a secret/,
  },
];
