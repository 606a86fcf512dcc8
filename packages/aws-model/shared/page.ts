/** A stretch of a list that is told in pages. @param token as the page before gave it */
export function page<Item>(
  all: readonly Item[],
  size: number,
  token: string | undefined,
): { items: Item[]; next: string | undefined } {
  const start = Number(token ?? 0);
  const end = start + size;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : undefined };
}
