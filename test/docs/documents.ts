// The documents of the repository, and what their blocks and links say.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const root = join(__dirname, '../..');

/** Paths from the root. */
export const documents: string[] = [
  ...readdirSync(root).filter(file => file.endsWith('.md')),
  ...['docs', 'examples']
    .filter(folder => existsSync(join(root, folder)))
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(folder, file)),
    )
    .filter(file => file.endsWith('.md') && !file.includes('node_modules')),
  // What npm shows of the small packages.
  'client/README.md',
  // What PyPI shows.
  'clients/python/README.md',
  'bin/init/README.md',
];

export interface Block {
  document: string;
  line: number;
  /** `ts`, `sh`, `json` */
  language: string;
  text: string;
}

export function blocksOf(document: string, content = contentOf(document)): Block[] {
  const blocks: Block[] = [];
  let open: (Block & { fence: string }) | undefined;
  for (const [index, line] of content.split('\n').entries()) {
    const [, indent = '', fence, language = ''] = /^(\s*)(```+)\s*(\w*)/.exec(line) ?? [];
    if (!open && fence) open = { document, line: index + 1, language, text: '', fence: indent + fence };
    else if (open && line.trimEnd() === open.fence) {
      const { fence: _, ...block } = open;
      blocks.push(block);
      open = undefined;
    } else if (open) open.text += `${line}\n`;
  }
  if (open) throw new Error(`${document}:${open.line}: the block does not end`);
  return blocks;
}

/** Links to files of the repository and to headings. */
export function linksOf(document: string): { line: number; target: string }[] {
  return withoutBlocks(contentOf(document))
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)].map(([, target]) => ({
        line: index + 1,
        target: target!,
      })),
    )
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** @returns what is wrong with it; `undefined` where it leads somewhere */
export function brokenLink(document: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#') as [string, string?];
  const file = path ? join(path.startsWith('/') ? '' : dirname(document), decodeURI(path)) : document;
  if (!existsSync(join(root, file))) return `there is no ${file}`;
  if (!anchor || !file.endsWith('.md')) return undefined;
  return headingsOf(contentOf(file)).includes(anchor) ? undefined : `${file} has no heading #${anchor}`;
}

/** As GitHub names them in links. */
export function headingsOf(content: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutBlocks(content).matchAll(/^#+\s+(.*?)\s*#*$/gm)].map(([, title]) => {
    const slug = title!
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count ? `${slug}-${count}` : slug;
  });
}

/** With as many lines as before. */
function withoutBlocks(content: string): string {
  return content.replace(/^\s*```[\s\S]*?^\s*```+\s*$/gm, block => block.replace(/[^\n]/g, ''));
}

function contentOf(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}
