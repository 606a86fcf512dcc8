/** More than any test looks back at. */
const kept = 2_000;

/** Adds to a list that holds the newest alone: what years of calls leave would fill the memory. */
export function addToNewest<T>(list: T[], item: T): void {
  list.push(item);
  // In bulk: one by one would be slow.
  if (list.length >= 2 * kept) list.splice(0, kept);
}
