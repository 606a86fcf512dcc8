import { checksumHolds, fingerprint, generateSecret } from '../../../core/key/generated-secret';

test('a secret is prefix, 43 characters of randomness and 6 of checksum', () => {
  expect(generateSecret()).toMatch(/^keyturn_[0-9A-Za-z]{49}$/);
  expect(generateSecret('acme_live')).toMatch(/^acme_live_[0-9A-Za-z]{49}$/);
});

test('no two secrets are alike, and every place uses the whole alphabet', () => {
  const bodies = Array.from({ length: 4_000 }, () => generateSecret().slice('keyturn_'.length, -6));
  expect(new Set(bodies).size).toBe(bodies.length);
  // The first digit of 256 bits in base 62 is at most the 60th; all others take any value.
  for (let place = 1; place < 43; place++) expect(new Set(bodies.map(body => body[place])).size).toBe(62);
});

test('secrets that began otherwise hold as before', () => {
  expect(checksumHolds(generateSecret('kt'))).toBe(true);
  expect(checksumHolds(generateSecret('acme_live'))).toBe(true);
});

test('any change of one character breaks the checksum', () => {
  const secret = generateSecret();
  expect(checksumHolds(secret)).toBe(true);
  for (let place = 0; place < secret.length; place++) {
    const other = secret[place] === 'a' ? 'b' : 'a';
    expect(checksumHolds(secret.slice(0, place) + other + secret.slice(place + 1))).toBe(false);
  }
});

test.each(['', 'kt_', 'sk-something-else', `${'kt_'}${'0'.repeat(49)}`])('"%s" does not hold', text => {
  expect(checksumHolds(text)).toBe(false);
});

test('padding, quotes and cuts do not hold', () => {
  const secret = generateSecret();
  for (const text of [` ${secret}`, `${secret}\n`, `"${secret}"`, secret.slice(0, -1)]) {
    expect(checksumHolds(text)).toBe(false);
  }
});

test('a fingerprint tells secrets apart without telling them', () => {
  const [one, other] = [generateSecret(), generateSecret()];
  expect(fingerprint(one)).toMatch(/^[0-9a-f]{16}$/);
  expect(fingerprint(one)).toBe(fingerprint(one));
  expect(fingerprint(one)).not.toBe(fingerprint(other));
});
