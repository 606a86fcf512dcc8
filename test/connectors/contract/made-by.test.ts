// Who ends a key that Keyturn does not make.
import { type KeyMaker, keyturnEnds } from '../../../connectors/contract/made-by';

const handMade = { settings: {} };
const byAws = { settings: {}, rotatedBy: 'aws' } as const;
const steps = { make: 'make it', end: 'end it' };

test.each<[string, Parameters<typeof keyturnEnds>, boolean]>([
  ['revokes whatever its settings are', [{ kind: 'revoke-only', revoker: { by: 'holder' } }, handMade], true],
  [
    'cannot revoke with such settings',
    [{ kind: 'revoke-only', revoker: { by: 'issuer', works: () => false } }, handMade],
    false,
  ],
  [
    'can revoke with such settings',
    [{ kind: 'revoke-only', revoker: { by: 'issuer', works: () => true } }, handMade],
    true,
  ],
  ['has no call for it', [{ kind: 'manual' }, handMade], false],
  ['revokes by id what AWS rotates', [partner('by-id'), byAws], true],
  ['leaves what AWS rotates to a person', [partner('by-hand'), byAws], false],
  ['rotates nothing with AWS', [{ kind: 'revoke-only', revoker: { by: 'holder' } }, byAws], false],
])('a provider that %s', (_, given, ends) => {
  expect(keyturnEnds(...given)).toBe(ends);
});

function partner(ends: 'by-id' | 'by-hand'): KeyMaker {
  return { kind: 'revoke-only', awsPartner: { steps, ends } };
}
