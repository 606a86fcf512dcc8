/**
 * A time of a listed key: `null` is the provider's word that there is none, and what is absent tells nothing.
 * @param read @default - dates as text
 */
export function timeOf<T extends string | number>(
  told: T | null | undefined,
  read: (told: T) => Date = value => new Date(value),
): Date | 'never' | undefined {
  if (told === undefined) return undefined;
  return told === null ? 'never' : read(told);
}

/** Where dates have no zone, or not always one. */
export function inUtc(date: string): Date {
  return new Date(/(Z|[+-]\d\d:\d\d)$/.test(date) ? date : `${date}Z`);
}
