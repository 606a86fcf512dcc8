import { KeyturnError } from '../../core/errors';

/** Far above any provider's quota of keys: a list that goes on longer turns in circles. */
const pagesAtMost = 1_000;

/** Reads a list page by page. @param read gets `undefined` for the first page, then the `next` of the page before */
export async function everyPage<Item, Cursor>(
  title: string,
  read: (cursor: Cursor | undefined) => Promise<{ items: Item[]; next: Cursor | undefined }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: Cursor | undefined;
  for (let pages = 0; pages < pagesAtMost; pages++) {
    const page = await read(cursor);
    items.push(...page.items);
    if (page.next === undefined) return items;
    cursor = page.next;
  }
  throw new KeyturnError(
    'bad-reply',
    `${title} listed keys on more than ${pagesAtMost} pages; delete old ones there, or tell Keyturn's makers`,
  );
}

/** The number of the next page, where headers tell it: x-next-page, or a Link of the relation `next`. */
export function nextPage(headers: Headers): string | undefined {
  const linked = /<[^>]*[?&]page=(\d+)[^>]*>;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];
  return headers.get('x-next-page') || linked || undefined;
}
