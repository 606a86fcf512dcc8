// Faults of the kind that careless changes make in containments, planted in calls like those in rotations.
import {
  acceptsTooEarly,
  leavesOutLabelMove,
  leavesOutMark,
  releasesBefore,
  reportsDeadUnasked,
} from './distortions';
import { isCertificateWrite, marksIn } from './marked';
import type { PlantedFault } from './planted-in-rotations';

const isNoted = (what: string, params: object) => JSON.stringify(params).includes(`"what\\":\\"${what}`);

export const containmentFaults: PlantedFault[] = [
  {
    name: 'a containment forgets the pending key that it displaces',
    in: ['emergencyFunction'],
    plant: deployment => leavesOutMark(versionId => versionId === deployment.holder('AWSPENDING')),
    job: { provider: 'sendgrid', phase: 'emergency while rotations fail', faults: [] },
    seen: /PutSecretValue took the last label of \S+, which lives/,
  },
  {
    name: 'a containment forgets the key that a rotation displaces',
    in: ['emergencyFunction'],
    plant: deployment => leavesOutMark(versionId => versionId === deployment.holder('AWSCURRENT')),
    job: {
      provider: 'sendgrid',
      phase: 'emergency',
      faults: ['rotated meanwhile'],
      at: 'secretsmanager PutSecretValue',
    },
    seen: /nobody reported that \S+ is dead/,
  },
  {
    name: 'the label of a compromised key goes before it is seen rejected',
    in: ['emergencyFunction'],
    plant: deployment => releasesBefore(deployment, 'verify'),
    job: { provider: 'openai', phase: 'emergency', faults: [] },
    seen: /took the last label of \S+, which nobody had seen rejected/,
  },
  {
    name: 'the end of a compromised key is certified nowhere',
    in: ['emergencyFunction'],
    plant: () => ({
      aws: (call, planned) =>
        isCertificateWrite(call) ? { kind: 'instead', answer: async () => ({}) } : planned,
    }),
    job: { provider: 'openai', phase: 'emergency', faults: [] },
    seen: /took the last label of \S+, whose end nobody certified/,
  },
  {
    name: 'the label of a compromised key goes before its end is written down',
    in: ['emergencyFunction'],
    plant() {
      const later: (() => Promise<unknown>)[] = [];
      return {
        aws(call, planned) {
          const { operation, params } = call;
          if (planned) return planned;
          if (operation === 'UpdateItem' && isNoted('rejected', params))
            return {
              kind: 'instead',
              async answer(carryOut) {
                later.push(carryOut);
                return {};
              },
            };
          if (!marksIn(call, 'DELETE').length) return undefined;
          return {
            kind: 'instead',
            async answer(carryOut) {
              const answer = await carryOut();
              for (const write of later.splice(0)) await write();
              return answer;
            },
          };
        },
      };
    },
    job: {
      provider: 'openai',
      phase: 'emergency',
      faults: ['stopped after'],
      at: 'dynamodb UpdateItem of marks',
    },
    seen: /nobody reported that \S+ is dead/,
  },
  {
    name: 'a compromised key is reported dead without being asked for',
    in: ['emergencyFunction'],
    plant: reportsDeadUnasked,
    job: { provider: 'openai', phase: 'emergency', faults: [] },
    seen: /was reported dead, and nobody had seen it rejected/,
  },
  {
    name: 'a replacement is promoted without being verified',
    in: ['emergencyFunction'],
    plant: acceptsTooEarly,
    job: { provider: 'openai', phase: 'emergency', faults: [] },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'a rotation sweeps the key that a containment has staged',
    in: ['rotateFunction'],
    plant: () => ({
      aws({ operation, params }, planned) {
        if (operation === 'GetSecretValue' && params.VersionStage === 'KEYTURN-NEXT')
          params.VersionStage = 'KEYTURN-NOWHERE';
        return planned;
      },
    }),
    job: {
      provider: 'aws-iam',
      phase: 'emergency',
      faults: ['rotated meanwhile'],
      at: 'dynamodb UpdateItem of marks',
    },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'room is made by what was current before a rotation',
    in: ['emergencyFunction'],
    plant() {
      let before: unknown;
      let isStale = false;
      return {
        provider({ kind }, planned) {
          if (kind === 'list') isStale = true;
          return planned;
        },
        aws({ operation }, planned) {
          if (operation !== 'DescribeSecret' || planned) return planned;
          return {
            kind: 'instead',
            async answer(carryOut) {
              if (!isStale) before = await carryOut();
              isStale = false;
              return before;
            },
          };
        },
      };
    },
    job: { provider: 'okta', phase: 'emergency', faults: ['rotated meanwhile'], at: 'GET /api/v1/apps' },
    seen: /AWSCURRENT held \S+, which the provider does not accept/,
  },
  {
    name: 'a key that a containment has staged keeps its label',
    in: ['emergencyFunction'],
    plant: () =>
      leavesOutLabelMove(
        ({ VersionStage, RemoveFromVersionId }) =>
          VersionStage === 'KEYTURN-NEXT' && RemoveFromVersionId !== undefined,
      ),
    job: { provider: 'okta', phase: 'emergency', faults: [] },
    seen: /KEYTURN-NEXT is still there/,
  },
  {
    name: 'a containment waits for a rotation',
    in: ['emergencyFunction'],
    plant: deployment => ({
      aws({ operation }, planned) {
        return operation === 'DescribeSecret' && deployment.isPending ? { kind: 'server-error' } : planned;
      },
    }),
    job: { provider: 'sendgrid', phase: 'emergency without a rotation function', faults: [] },
    seen: /without a fault: .*the containment waited until the rotation was given up/,
  },
  {
    name: 'an incident records a secret',
    in: ['emergencyFunction'],
    plant: deployment => ({
      aws({ operation, params }, planned) {
        if (operation === 'UpdateItem' && isNoted('found', params))
          params.ExpressionAttributeValues = JSON.parse(
            JSON.stringify(params.ExpressionAttributeValues).replace(
              /(issuedAt\\":\\")[^\\]*/,
              `$1${deployment.valueAt('AWSCURRENT')?.secret}`,
            ),
          );
        return planned;
      },
    }),
    job: { provider: 'gitlab', phase: 'emergency', faults: [] },
    seen: /an incident holds \d+ characters of a secret/,
  },
];
