// What containments have marked in the table, and the writes that mark and unmark.
import { AwsError } from '@keyturn/aws-model/wire/aws-error';
import type { AwsFault } from '@keyturn/aws-model/wire/calls';
import type { KeyAddress } from '../../core/key/key-address';
import { type Item, keyKey } from '../../lambda/aws/table/table';
import { tableName } from '../../lib/config/aws/names';
import type { World } from '../../rehearsal/world/world';

export function markedVersions({ model }: World, address: KeyAddress): string[] {
  const { pk, sk } = keyKey(address);
  const items = model.dynamoDb.items(tableName(address.environment)) as unknown as Item[];
  return items.find(item => item.pk?.S === pk?.S && item.sk?.S === sk?.S)?.marks?.SS ?? [];
}

/** True where the table holds a certificate of the key's end. */
export function isCertified({ model }: World, { environment }: KeyAddress, keyId: string): boolean {
  const items = model.dynamoDb.items(tableName(environment)) as unknown as Item[];
  return items.some(({ pk, sk }) => pk?.S === 'certificate' && sk?.S?.startsWith(`${keyId} `));
}

export function isCertificateWrite({ operation, params }: Write): boolean {
  return operation === 'PutItem' && JSON.stringify(params.Item).includes('"pk":{"S":"certificate"}');
}

interface Write {
  operation: string;
  params: Record<string, unknown>;
}

export function isMarkWrite({ operation, params }: Write): boolean {
  if (operation !== 'UpdateItem') return false;
  return Object.values((params.ExpressionAttributeNames ?? {}) as object).includes('marks');
}

/** Which versions it marks, or unmarks. */
export function marksIn(write: Write, what: 'ADD' | 'DELETE'): string[] {
  if (!isMarkWrite(write) || !String(write.params.UpdateExpression).includes(what)) return [];
  return (write.params.ExpressionAttributeValues as Item)[':marks']?.SS ?? [];
}

/** AWS refuses it, and would do so again. */
export const refusal: AwsFault = {
  kind: 'instead',
  async answer() {
    throw new AwsError('AccessDeniedException', 'a policy that is not there yet');
  },
};
