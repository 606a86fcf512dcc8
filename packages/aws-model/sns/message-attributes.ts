// Which message attributes SNS refuses, and in which words.
import type { MessageAttribute } from '../shared/service-delivery';
import { AwsError } from '../wire/aws-error';

export interface WrittenAttribute {
  DataType?: string | undefined;
  StringValue?: string | undefined;
  BinaryValue?: string | undefined;
}

/** @throws {AwsError} ParameterValueInvalid or ValidationError */
export function checkAttributes(
  written: Readonly<Record<string, WrittenAttribute>> = {},
): Record<string, MessageAttribute> {
  return Object.fromEntries(
    Object.entries(written).map(([name, attribute]) => {
      checkName(name);
      return [name, checkValue(name, attribute)];
    }),
  );
}

/** Names, types and values count towards the size of a message. */
export function sizeOfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): number {
  const texts = Object.entries(attributes).flatMap(([name, one]) => [
    name,
    one.DataType,
    one.StringValue ?? '',
    Buffer.from(one.BinaryValue ?? '', 'base64'),
  ]);
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > 256)
    throw refused('Length of message attribute name must be less than 256 bytes.');
  const invalid = /[^\w.-]/.exec(name)?.[0];
  if (invalid) {
    const code = invalid.charCodeAt(0).toString(16).toUpperCase();
    throw refused(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.startsWith('.'))
    throw refused("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith('.'))
    throw refused("Invalid message attribute name ending with character '.' was found.");
  if (name.includes('..')) throw refused("Message attribute name can not have successive '.' character.");
}

function checkValue(
  name: string,
  { DataType, StringValue, BinaryValue }: WrittenAttribute,
): MessageAttribute {
  if (!DataType) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value null at 'messageAttributes.${name}.member.dataType' failed to satisfy constraint: Member must not be null`,
    );
  }
  const [kind] = /^(String|Number|Binary)(?=\.|$)/.exec(DataType) ?? [];
  if (!kind)
    throw refused(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const field = kind === 'Binary' ? 'Binary' : 'String';
  const [value, other] = field === 'Binary' ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (value) return { DataType, [`${field}Value`]: value };
  if (other)
    throw refused(`The message attribute '${name}' with type '${DataType}' must use field '${field}'.`);
  throw refused(
    `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
  );
}

function refused(message: string): AwsError {
  return new AwsError('ParameterValueInvalid', message);
}
