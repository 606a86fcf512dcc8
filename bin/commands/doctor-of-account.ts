// `keyturn doctor`, which has the configuration: it looks at the environment's own KMS key as well.
import { KeyturnError } from '../../core/errors';
import type { Environment } from '../../lib/config/config';
import { faultsOfOwnKey, type KeyFault } from '../aws/account/own-key';
import { connect } from '../aws/aws';
import { doctorOf, type OtherFindings } from './doctor';

export const doctorOfAccount = doctorOf(async environment => {
  const { name, kmsKey } = environment;
  if (!kmsKey) return undefined;
  const { arn } = kmsKey;
  const faults = await askFaults(environment, kmsKey);
  if (typeof faults === 'string')
    return {
      facts: { kmsKey: { arn, unknown: faults } },
      text: `${name}: the policy of kmsKey ${arn} is not known: ${faults}\n`,
      isWell: true,
    };
  return {
    facts: { kmsKey: { arn, faults } },
    text: inWords(environment, arn, faults),
    isWell: !faults.length,
  };
});

/** @returns why they are not known, where the caller may not read the policy: servers' roles may not */
async function askFaults(
  environment: Environment,
  kmsKey: NonNullable<Environment['kmsKey']>,
): Promise<KeyFault[] | string> {
  try {
    return await faultsOfOwnKey(await connect(environment), kmsKey);
  } catch (error) {
    if (error instanceof KeyturnError) return error.message;
    throw error;
  }
}

function inWords({ name }: Environment, arn: string, faults: readonly KeyFault[]): OtherFindings['text'] {
  if (!faults.length) return `${name}: the policy of kmsKey ${arn} has all that it needs\n`;
  return faults
    .map(({ what, add }) =>
      add
        ? `${name}: the policy of kmsKey ${arn} ${what}; have one of kmsKey.admins add it:\n${JSON.stringify(add, undefined, 2)}\n`
        : `${name}: the policy of kmsKey ${arn} ${what}; have one of kmsKey.admins change it\n`,
    )
    .join('');
}
