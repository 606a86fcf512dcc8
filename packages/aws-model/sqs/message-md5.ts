// The checksums that SQS clients compare with their own.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
import { createHash } from 'node:crypto';
import type { MessageAttribute } from '../shared/service-delivery';

export function md5OfBody(body: string): string {
  return createHash('md5').update(body).digest('hex');
}

/** `undefined` where there are none: SQS leaves the member out. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const inOrder = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (!inOrder.length) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, { DataType, StringValue, BinaryValue }] of inOrder) {
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([BinaryValue === undefined ? 1 : 2]));
    add(BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64'));
  }
  return hash.digest('hex');
}
