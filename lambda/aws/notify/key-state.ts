// A file of its own, since one function alone loads it.
import { DescribeKeyCommand, KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import { clientSettings } from '../runtime/client-settings';
import { describeError, logger } from '../runtime/logger';

/** @returns false where nobody can use the key; `undefined` where its policy does not let this function ask */
export type AskKeyState = () => Promise<boolean | undefined>;

/** Its client is kept: a new one each hour costs as much as three of the calls that it makes. */
export function openKeyState(keyArn: string): AskKeyState {
  const kms = new KMSClient(clientSettings);
  return async () => {
    try {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyArn }));
      return KeyMetadata?.KeyState === 'Enabled';
    } catch (error) {
      if (error instanceof NotFoundException) return false;
      logger.warn('the state of the KMS key is not known', { error: describeError(error) });
      return undefined;
    }
  };
}
