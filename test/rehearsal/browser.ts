// Chromium, where this machine has it, and what axe-core finds in a page.
import { existsSync, readFileSync } from 'node:fs';
import type { Browser, Page } from 'puppeteer-core';

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (!chromium)
  process.stdout.write(
    'Left out: the page in a browser, as there is no Chromium here (apt install chromium).\n',
  );
export const inBrowser = chromium ? describe : describe.skip;

export async function launchBrowser(): Promise<Browser | undefined> {
  if (!chromium) return undefined;
  const { launch } = await import('puppeteer-core');
  return launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] });
}

export type Scheme = 'light' | 'dark';
export const ways: [string, number, Scheme][] = [
  ['a wide screen', 1440, 'light'],
  ['a tablet', 768, 'light'],
  ['a tablet', 768, 'light'],
  ['a phone', 390, 'light'],
  ['a wide screen at night', 1440, 'dark'],
  ['a phone at night', 390, 'dark'],
];

export async function showAs(page: Page, width: number, scheme: Scheme): Promise<void> {
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
}

/** What axe-core finds. It is put in by the debugger, which the page's own policy does not concern. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}
