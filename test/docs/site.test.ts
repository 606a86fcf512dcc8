// The site of the documents has every page in its sidebar, and none that is not there. Its links are those that docs.test.ts checks; the
// build itself (`npm run docs`) fails at a dead one, too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripts } from '../../package.json';
import { documents, root } from './documents';

const config = readFileSync(join(root, 'docs/.vitepress/config.mts'), 'utf8');
const listed = [...config.matchAll(/page\('[^']+', '([\w-]+)'\)/g)].map(([, name]) => `docs/${name}.md`);

test('the sidebar lists every document once', () => {
  const pages = documents.filter(document => document.startsWith('docs/'));
  expect(pages.length).toBeGreaterThan(10);
  expect([...listed].sort()).toEqual(pages.sort());
});

test('the tool that builds it is pinned', () => expect(scripts.docs).toMatch(/vitepress@\d+\.\d+\.\d+ /));
