// What may be concluded where a provider turns a key away by an answer that live keys can get, too.
import { proveAccepted } from '../../../core/ending/proof';
import type { IssueProvider, Verdict } from '../../../core/provider';
import { World } from '../support/world';

const value = { secret: 'x', keyId: 'mine', provider: 'acme', issuedAt: '' };

/** @param listed ids that the provider's list shows */
function prove(verdict: Verdict, control: Verdict | 'none', listed: string[]) {
  const world = new World('issue');
  const { clock } = world;
  const sleep = async (ms: number) => {
    world.nowMs += ms;
  };
  const provider = {
    ...(world.provider() as IssueProvider),
    verify: async () => verdict,
    list: async () => listed.map(id => ({ id })),
    ...(control !== 'none' && { control: async () => control }),
  };
  return proveAccepted(provider, value, { ...clock, sleep });
}

test.each<[string, Verdict | 'none', string[], Verdict]>([
  ['gone from the list, and another credential is accepted', 'accepted', ['other'], 'rejected'],
  ['in the list', 'accepted', ['other', 'mine'], 'unknown'],
  ['gone from the list, and nobody is accepted', 'denied', ['other'], 'unknown'],
  ['gone from the list, and the control is rejected', 'rejected', ['other'], 'unknown'],
  ['gone from the list, and the provider does not answer', 'unknown', ['other'], 'unknown'],
  ['gone from the list, and nothing can be compared', 'none', ['other'], 'unknown'],
])('a key that is denied, %s', async (_case, control, listed, finding) => {
  expect(await prove('denied', control, listed)).toBe(finding);
});

test('where the provider has words of its own, neither list nor control is asked', async () => {
  expect(await prove('rejected', 'denied', ['mine'])).toBe('rejected');
  expect(await prove('accepted', 'denied', [])).toBe('accepted');
});
