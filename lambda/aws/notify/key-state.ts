// A file of its own, since it is loaded only once an hour, by one function.
import { DescribeKeyCommand, KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import { clientSettings } from '../runtime/client-settings';
import { describeError, logger } from '../runtime/logger';

/** @returns false where nobody can use the key; `undefined` where its policy does not let this function ask */
export async function askKeyState(keyArn: string): Promise<boolean | undefined> {
  const kms = new KMSClient(clientSettings);
  try {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyArn }));
    return KeyMetadata?.KeyState === 'Enabled';
  } catch (error) {
    if (error instanceof NotFoundException) return false;
    logger.warn('the state of the KMS key is not known', { error: describeError(error) });
    return undefined;
  } finally {
    kms.destroy();
  }
}
