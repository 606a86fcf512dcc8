// A parameter of Systems Manager: the key itself is put there, encrypted.
import * as z from 'zod/mini';
import type { Courier } from '../core/delivery/courier';
import { minuteMs } from '../core/time';
import { ask, type CourierTools, nameShape, type Target } from './target';

const shape = z.strictObject({
  to: z.literal('ssm'),
  parameter: nameShape(
    /^(?!\/?(aws|ssm)(\/|$))(\/[\w.-]+){1,15}$/i,
    "is not the name of a parameter; write it with a slash in front, such as '/support-bot/sendgrid'",
  ),
  /** @default - the account's own, `aws/ssm` */
  kmsKey: z.optional(
    nameShape(
      /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/,
      'is not the ARN of a KMS key; write it like arn:aws:kms:eu-central-1:111122223333:key/...',
    ),
  ),
});
type SsmPlace = z.output<typeof shape>;

export const ssm: Target<SsmPlace> = {
  to: 'ssm',
  shape,
  example: { to: 'ssm', parameter: '/support-bot/sendgrid' },
  idOf: ({ parameter }) => `ssm${parameter}`,
  titleOf: ({ parameter }) => `the SSM parameter ${parameter}`,
  carriesKey: () => true,
  takesSteps: () => false,
  takesMs: 0,
  holdsOneKey: true,
  grants: ({ parameter, kmsKey }, { partition, region, account }) => [
    {
      sid: 'SsmParameters',
      actions: ['ssm:GetParameter', 'ssm:PutParameter'],
      resources: [`arn:${partition}:ssm:${region}:${account}:parameter${parameter}`],
    },
    // Who may use the account's own key, AWS says: everybody who may use the parameter.
    ...(kmsKey ? [{ sid: 'SsmKeys', actions: ['kms:Encrypt', 'kms:Decrypt'], resources: [kmsKey] }] : []),
  ],
  open: openSsm,
};

/** What is read can be older than what was written just now. */
const answersLagMs = minuteMs;

async function openSsm({ parameter, kmsKey }: SsmPlace, { settings }: CourierTools): Promise<Courier> {
  const { SSMClient, GetParameterCommand, ParameterNotFound, PutParameterCommand } = await import(
    '@aws-sdk/client-ssm'
  );
  const client = new SSMClient(settings);
  const title = `the SSM parameter ${parameter}`;
  const words = {
    InvalidKeyId: `the KMS key of ${title} does not exist or cannot be used; see its policy, which has to let the deliver function encrypt and decrypt`,
    HierarchyTypeMismatchException: `${title} is of another type; delete it, or name another parameter: Keyturn writes SecureString`,
    ParameterPatternMismatchException: `${title} accepts only values of a pattern that this key does not match; remove AllowedPattern`,
  };

  async function valueThere(): Promise<string | undefined> {
    try {
      const { Parameter } = await client.send(
        new GetParameterCommand({ Name: parameter, WithDecryption: true }),
      );
      return Parameter?.Type === 'SecureString' ? Parameter.Value : undefined;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  return {
    async start(key) {
      const { secret } = await key.read();
      if ((await ask('ssm:GetParameter', valueThere, words)) === secret) return 'there';
      await ask(
        'ssm:PutParameter',
        () =>
          client.send(
            new PutParameterCommand({
              Name: parameter,
              Value: secret,
              Type: 'SecureString',
              Overwrite: true,
              ...(kmsKey && { KeyId: kmsKey }),
            }),
          ),
        words,
      );
      return 'put';
    },

    /** By the value itself: somebody may have written there since. */
    async look(_handle, key, startedMs) {
      const { secret } = await key.read();
      if ((await ask('ssm:GetParameter', valueThere, words)) === secret) return { is: 'steady' };
      if (startedMs < answersLagMs) return { is: 'under-way' };
      return {
        is: 'failed',
        why: 'it holds something other than what Keyturn stored there; find out who writes it',
      };
    },
  };
}
