// The page of `keyturn report` in Chromium, opened as a file: it asks nobody for anything, has no fault of accessibility by day, by
// night and on a phone, and is readable with 3 keys and with 1,000.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { keysPage } from '../../../bin/report/keys-page';
import { faultsOf, inBrowser, launchBrowser, type Scheme, showAs, ways } from '../../rehearsal/browser';
import { madeUpReport } from './made-up';

let browser: Browser | undefined;
let folder: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'keyturn-report-'));
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Seen {
  page: Page;
  /** What it asked for besides itself. */
  asked: string[];
  complaints: string[];
}

async function open(html: string, width: number, scheme: Scheme): Promise<Seen> {
  const file = join(folder, 'keys.html');
  writeFileSync(file, html);
  const page = await browser!.newPage();
  const seen: Seen = { page, asked: [], complaints: [] };
  await page.setRequestInterception(true);
  page.on('request', request => {
    if (request.url() === pathToFileURL(file).href || request.url() === 'data:,')
      return void request.continue();
    seen.asked.push(request.url());
    void request.abort();
  });
  page.on('console', message => seen.complaints.push(message.text()));
  page.on('pageerror', error => seen.complaints.push(String(error)));
  await showAs(page, width, scheme);
  await page.goto(pathToFileURL(file).href);
  return seen;
}

const unfold = "document.querySelectorAll('details').forEach(each => { each.open = true; })";
/** Texts of pictures that stand out of them, and cells that lie outside of their map. */
const cutOff = `[...document.querySelectorAll('svg.track text, svg.clock text')].filter(text => {
  const [own, whole] = [text.getBoundingClientRect(), text.closest('.chart, .heat').getBoundingClientRect()];
  return own.width && (own.left < whole.left - 1 || own.right > whole.right + 1);
}).map(text => text.textContent)`;

inBrowser('in Chromium', () => {
  describe.each([3, 1_000])('with %i keys', count => {
    const html = keysPage(madeUpReport(count));

    test.each(ways)('%s shows it without a fault', async (_, width, scheme) => {
      const { page, asked, complaints } = await open(html, width, scheme);
      try {
        // All that 1,000 keys unfold is more of the same: axe-core would take minutes over it.
        if (count === 3) await page.evaluate(unfold);
        expect(await faultsOf(page)).toEqual([]);
        await page.evaluate(unfold);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect(await page.evaluate(cutOff)).toEqual([]);
        expect(await page.title()).toBe('Keyturn: the keys of prod');
        expect(asked).toEqual([]);
        expect(complaints).toEqual([]);
      } finally {
        await page.close();
      }
    });

    test('it is as high as a person reads', async () => {
      const { page } = await open(html, 1440, 'light');
      expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(7_000);
      await page.close();
    });
  });

  test('the search unfolds what it finds, hides the rest, and folds it again', async () => {
    const { page } = await open(keysPage(madeUpReport(1_000)), 1440, 'light');
    const shownLanes =
      "[...document.querySelectorAll('#lifelines [data-row]')].filter(row => row.checkVisibility()).map(row => row.querySelector('.name').firstChild.textContent)";
    const text = "document.getElementById('found').textContent";
    expect(await page.evaluate(shownLanes)).toEqual([]);
    expect(await page.evaluate(text)).toBe('1,000 keys');
    await page.type('#find', 'OpenAI server-7/purpose-12 ');
    expect(await page.evaluate(shownLanes)).toEqual(['prod/openai/server-7/purpose-12']);
    expect(await page.evaluate(text)).toBe('1 of 1,000 keys');
    const matrix =
      "[...document.querySelectorAll('#readers [data-row]')].filter(row => row.checkVisibility()).length";
    expect(await page.evaluate(matrix)).toBe(1);
    await page.evaluate("find.value = ''; find.dispatchEvent(new Event('input'))");
    expect(await page.evaluate(shownLanes)).toEqual([]);
    expect(await page.evaluate(text)).toBe('1,000 keys');
    await page.close();
  });

  test('without its script it is all there but for the search', async () => {
    const page = await browser!.newPage();
    await page.setJavaScriptEnabled(false);
    await page.setContent(keysPage(madeUpReport(3)));
    expect(await page.evaluate("document.querySelector('.find').checkVisibility()")).toBe(false);
    expect(await page.evaluate("document.querySelectorAll('#lifelines .lane').length")).toBe(3);
    await page.close();
  });

  test('paper has everything that is unfolded, and what does nothing there is left out', async () => {
    const { page } = await open(keysPage(madeUpReport(3)), 1440, 'dark');
    await page.emulateMediaType('print');
    const isSeen = (selector: string) =>
      page.evaluate(`document.querySelector('${selector}').checkVisibility()`);
    for (const selector of ['nav', '.find']) expect(await isSeen(selector)).toBe(false);
    for (const selector of [
      '.lane',
      '.finding article',
      '.incident table',
      '.heat',
      '.matrix table',
      '.paper',
    ])
      expect(await isSeen(selector)).toBe(true);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const pdf = await page.pdf({ format: 'A4' });
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
    await page.close();
  });
});
