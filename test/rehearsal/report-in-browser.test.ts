// The page of a rehearsal in Chromium: no fault of accessibility by day, by night and on a phone, with few keys and with hundreds;
// nothing is cut, every life tells its story to the keyboard, and the picture explains itself on paper.
import type { Browser, Page } from 'puppeteer-core';
import type { StoryEvent } from '../../bin/report/lives';
import { reportPage } from '../../rehearsal/report/report-page';
import type { PlayedLane, Story } from '../../rehearsal/report/story';
import { faultsOf, inBrowser, launchBrowser, type Scheme, showAs, ways } from './browser';
import { story as small } from './story';

const providers = ['openai', 'sendgrid', 'gitlab', 'resend'];
const start = new Date('2027-01-01T00:00:00Z');
const after = (days: number) => new Date(start.getTime() + days * 86_400_000);

/** @param count of keys, each replaced at the end */
function storyOf(count: number): Story {
  const lanes = Array.from({ length: count }, (_, n): PlayedLane => {
    const key = `prod/${providers[n % 4]}/a-server-with-a-name-${n}`;
    const lives = [
      { keyId: `old-${n}`, from: after(n % 20), ended: { at: after(80), how: 'retired' as const } },
      { keyId: `new-${n}`, from: after(79) },
    ];
    return { key, lives, promotions: [] };
  });
  const kinds: StoryEvent['kind'][] = ['failed', 'recovered', 'alarm', 'replaced', 'told'];
  // Many keys have one event each.
  const told = count > 3 ? kinds.slice(-1) : kinds;
  const events = lanes.flatMap(({ key }) =>
    told.map((kind, n): StoryEvent => ({ at: after(15 * (n + 1)), kind, text: `${key}: ${kind}`, key })),
  );
  events.sort((a, b) => a.at.getTime() - b.at.getTime());
  events.unshift({ at: after(5), kind: 'fault', text: 'everything has to go' });
  return { ...small, start, end: after(92), lanes, events };
}

let browser: Browser | undefined;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function open(story: Story, width: number, scheme: Scheme, css = ''): Promise<Page> {
  const page = await browser!.newPage();
  await showAs(page, width, scheme);
  // The page's own policy knows of no other style.
  await page.setBypassCSP(css !== '');
  await page.setContent(reportPage(story).replace('</style>', `${css}</style>`));
  return page;
}

inBrowser('in Chromium', () => {
  describe.each([3, 200])('with %i keys', count => {
    test.each(ways)('%s shows it without a fault', async (_, width, scheme) => {
      const page = await open(storyOf(count), width, scheme);
      try {
        await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })");
        expect(await faultsOf(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      } finally {
        await page.close();
      }
    });

    test('it is as high as a person reads', async () => {
      const page = await open(storyOf(count), 390, 'light');
      expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(9_000);
      await page.close();
    });
  });

  test('axe is heard: faint words that are planted are found', async () => {
    const page = await open(storyOf(3), 1440, 'light', ':root{--soft:#bbb}');
    expect((await faultsOf(page)).join('\n')).toContain('color-contrast');
    await page.close();
  });

  test('the Tab key goes through the lives, and each tells its story on the screen', async () => {
    const page = await open(storyOf(2), 390, 'light');
    const told: unknown[] = [];
    await page.focus('#find');
    for (let n = 0; n < 4; n++) {
      await page.keyboard.press('Tab');
      told.push(await page.evaluate("document.activeElement.querySelector('.tip').innerText"));
      const { left, right, height } = (await page.evaluate(
        "document.activeElement.querySelector('.tip').getBoundingClientRect().toJSON()",
      )) as { left: number; right: number; height: number };
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(390);
      expect(height).toBeGreaterThan(10);
    }
    expect(told).toEqual(
      ['old-0', 'new-0', 'old-1', 'new-1'].map(id => expect.stringContaining(`${id}: from`)),
    );
    expect(told[0]).toContain('80 days');
    expect(told[0]).toContain('alarm');
    await page.close();
  });

  test('the dates stay in sight while hundreds of keys scroll by', async () => {
    const page = await open(storyOf(200), 1440, 'light');
    await page.evaluate("document.querySelectorAll('.chart details').forEach(each => { each.open = true; })");
    await page.evaluate("document.querySelectorAll('.lane')[20].scrollIntoView()");
    expect(await page.evaluate("document.querySelector('.axis').getBoundingClientRect().top")).toBe(0);
    await page.close();
  });

  test('paper has the colors of the legend, and is light by night, too', async () => {
    const page = await open(storyOf(3), 1440, 'dark');
    await page.emulateMediaType('print');
    const fill = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).fill`);
    for (const kind of ['alarm', 'failed', 'replaced', 'recovered'])
      expect(await fill(`.legend g.${kind}`)).toBe(await fill(`.lane g.${kind}`));
    expect(await fill('.legend rect.a')).toBe(await fill('.lane rect.a'));
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    await page.close();
  });
});
