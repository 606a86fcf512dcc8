import { KeyturnError } from '../../core/errors';

/** Far above any provider's quota of keys. What all pages may take together is in allowance.ts. */
export const itemsAtMost = 50_000;
const pagesAtMost = 1_000;
const longestCursor = 1_000;

/** Reads a list page by page. @param read gets `undefined` for the first page, then the `next` of the page before */
export async function everyPage<Item, Cursor extends string | number>(
  title: string,
  read: (cursor: Cursor | undefined) => Promise<{ items: Item[]; next: Cursor | undefined }>,
): Promise<Item[]> {
  const items: Item[] = [];
  const seen = new Set<Cursor>();
  let cursor: Cursor | undefined;
  for (;;) {
    const page = await read(cursor);
    if (items.length + page.items.length > itemsAtMost) throw badList(title, `more than ${itemsAtMost} keys`);
    for (const item of page.items) items.push(item);
    cursor = page.next;
    if (cursor === undefined) return items;
    if (String(cursor).length > longestCursor)
      throw badList(title, `a next page whose name has more than ${longestCursor} characters`);
    if (seen.size + 1 === pagesAtMost) throw badList(title, `keys on more than ${pagesAtMost} pages`);
    if (seen.has(cursor)) throw badList(title, 'the same next page twice');
    seen.add(cursor);
  }
}

/**
 * The number of the next page, where headers tell it: x-next-page, or a Link of the relation `next`.
 * @throws {KeyturnError} bad-reply, where there is a next page without a number: without it, keys would go unseen
 */
export function nextPage(title: string, headers: Headers): string | undefined {
  const target = linkOf(headers.get('link') ?? '', 'next');
  const linked =
    target === undefined ? undefined : new URLSearchParams(target.slice(target.indexOf('?') + 1)).get('page');
  const page = headers.get('x-next-page') || linked;
  if (page === undefined || (page !== null && /^\d{1,9}$/.test(page))) return page;
  throw badList(title, 'a next page without a number');
}

/** The target of the first link of this relation (RFC 8288). Each character is looked at a fixed number of times. */
function linkOf(header: string, relation: string): string | undefined {
  let from = header.indexOf('<');
  while (from >= 0) {
    const end = header.indexOf('>', from);
    if (end < 0) return undefined;
    const next = header.indexOf('<', end);
    const parameters = header.slice(end + 1, next < 0 ? undefined : next).split(';');
    if (parameters.some(one => one.replace(/[\s",]/g, '').toLowerCase() === `rel=${relation}`))
      return header.slice(from + 1, end);
    from = next;
  }
  return undefined;
}

function badList(title: string, what: string): KeyturnError {
  return new KeyturnError(
    'bad-reply',
    `${title} listed ${what}; check that the key's settings name its own host, and delete old keys there`,
  );
}
