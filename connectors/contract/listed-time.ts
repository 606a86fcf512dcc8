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
