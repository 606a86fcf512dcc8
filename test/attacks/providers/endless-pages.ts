import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack, sampleKeys } from '../attack';

/** What a list that really ends is far from. */
const tooMany = 1_100;

export const attack = rehearsedAttack({
  about: 'a provider that is listed answers with a next page for ever, each with another number',
  keys: {
    ...sampleKeys,
    servers: {
      bot: {
        ...sampleKeys.servers.bot,
        keys: [{ provider: 'gitlab', scopes: ['read_api'], env: 'KEY', settings: { project: 'acme/bot' } }],
      },
    },
  } as typeof sampleKeys,
  guards: [
    {
      module: 'connectors/http/paging.ts',
      exports: {
        everyPage: `async (_title, read) => {
          const items = [];
          let cursor;
          // Not for ever, so that the attack ends.
          for (let pages = 0; pages < ${tooMany + 100}; pages++) {
            const page = await read(cursor);
            items.push(...page.items);
            cursor = page.next;
          }
          return items;
        }`,
      },
    },
    {
      module: 'connectors/http/allowance.ts',
      exports: { createAllowance: '() => ({ spend: (_asked, call) => call() })' },
    },
  ],
  async play(context) {
    const { faults } = context;
    await makeFirstKeys(context);
    let [pages, most, last] = [0, 0, 0];
    faults.ofProvider = ({ kind, at }) => {
      if (kind !== 'list') return undefined;
      // The next try comes later.
      pages = at.getTime() - last < 5_000 ? pages + 1 : 1;
      most = Math.max(most, pages);
      last = at.getTime();
      const headers = { 'x-next-page': String(pages + 1) };
      return { kind: 'rewrite', change: reply => ({ ...reply, headers: { ...reply.headers, ...headers } }) };
    };
    await context.keyturn(['rotate', 'prod/gitlab/bot', '--yes']);
    if (!most) throw new Error(`nothing was listed: ${context.cliOutput.join('')}`);
    return most > tooMany ? `${most} pages were read` : undefined;
  },
});
