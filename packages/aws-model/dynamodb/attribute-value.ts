// DynamoDB's typed values, as they stand on the wire: compared, added, measured.
import * as z from 'zod';

export type AttributeValue = { [type in ValueType]?: unknown };
export type Item = Readonly<Record<string, AttributeValue>>;

const types = ['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS'] as const;
export type ValueType = (typeof types)[number];

export const attributeValue: z.ZodType<AttributeValue> = z.lazy(() =>
  z
    .strictObject({
      S: z.string(),
      N: z.string().regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/),
      B: z.string(),
      BOOL: z.boolean(),
      NULL: z.boolean(),
      M: z.record(z.string(), attributeValue),
      L: z.array(attributeValue),
      SS: z.array(z.string()).min(1),
      NS: z.array(z.string()).min(1),
      BS: z.array(z.string()).min(1),
    })
    .partial()
    .refine(value => Object.keys(value).length === 1, 'exactly one type'),
);
export const item = z.record(z.string(), attributeValue);

export function typeOf(value: AttributeValue): ValueType {
  return Object.keys(value)[0] as ValueType;
}

export function isEqual(a: AttributeValue, b: AttributeValue): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if (type === 'S') return a.S === b.S;
  if (type === 'N') return Number(a.N) === Number(b.N);
  if (isSet(type)) return JSON.stringify([...elements(a)].sort()) === JSON.stringify([...elements(b)].sort());
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Negative, 0 or positive; `undefined` for values that have no order between them. */
export function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  const type = typeOf(a);
  if (type !== typeOf(b)) return undefined;
  if (type === 'N') return Number(a.N) - Number(b.N);
  if (type !== 'S' && type !== 'B') return undefined;
  const encoding = type === 'B' ? 'base64' : 'utf8';
  return Buffer.compare(Buffer.from(a[type] as string, encoding), Buffer.from(b[type] as string, encoding));
}

export function sizeOf(value: AttributeValue): number | undefined {
  const type = typeOf(value);
  if (type === 'S') return Buffer.byteLength(value.S as string);
  if (type === 'B') return Buffer.from(value.B as string, 'base64').length;
  if (type === 'M') return Object.keys(value.M as object).length;
  return type === 'L' || isSet(type) ? elements(value).length : undefined;
}

export function contains(whole: AttributeValue, part: AttributeValue): boolean {
  const type = typeOf(whole);
  if (type === 'S') return typeof part.S === 'string' && (whole.S as string).includes(part.S);
  if (type === 'L') return (whole.L as AttributeValue[]).some(one => isEqual(one, part));
  return (
    isSet(type) && typeOf(part) === type[0] && elements(whole).includes(part[type[0] as ValueType] as string)
  );
}

export function isSet(type: ValueType): type is 'SS' | 'NS' | 'BS' {
  return type === 'SS' || type === 'NS' || type === 'BS';
}

/** Of a list or a set. */
export function elements(value: AttributeValue): readonly unknown[] {
  return value[typeOf(value)] as unknown[];
}

export function numberValue(value: number): AttributeValue {
  return { N: String(value) };
}
