// Roots that minting uses up: each is sent once, and its successor is stored before anybody has the token.

import type { Settings } from '../../../../rehearsal/providers/fake-account';
import { expectError } from '../checks/check';
import { type AnyMint, type MintCheck, usesUpRoot } from './mint-setup';

const settings = ({ registrationUrl, ...sample }: Settings): Settings =>
  registrationUrl === undefined ? sample : { ...sample, grant: 'refresh_token' };
const where = (connector: AnyMint, sample: Settings) => usesUpRoot(connector, settings(sample));

export const refreshChecks: MintCheck[] = [
  {
    name: 'a mint uses up the root, and the next mint takes the next',
    where,
    settings,
    async run({ connector, mint, scopes, stored, root, settings, use }) {
      expect(connector.usesUpRoot!(settings)).toBe(true);
      for (let n = 1; n <= 3; n++) {
        const { token } = await mint.mint(scopes, 3600);
        expect(stored).toHaveLength(n);
        expect(await use(token)).toBe(200);
      }
      const refreshTokens = [root, ...stored].map(({ refreshToken }) => refreshToken);
      expect(new Set(refreshTokens).size).toBe(4);
      for (const next of stored) expect({ ...next, refreshToken: root.refreshToken }).toEqual(root);
    },
  },
  {
    name: 'where the root is not used up, none is stored',
    where: (connector, sample) => !usesUpRoot(connector, sample),
    async run({ connector, mint, scopes, stored, settings }) {
      expect(usesUpRoot(connector, settings)).toBe(false);
      await mint.mint(scopes, 3600);
      expect(stored).toEqual([]);
    },
  },
  // A call that hangs takes up most of the time that there is.
  ...(
    [
      ['429', 4],
      ['drop-before', 4],
      ['drop-after', 4],
      ['hang', 2],
    ] as const
  ).map(
    ([kind, often]): MintCheck => ({
      name: `a root that can be used up is sent as often as its provider takes it, whatever happens (${kind})`,
      where,
      settings,
      async run(setup) {
        setup.faults(() => ({ kind }));
        const code = kind === '429' ? 'rate-limited' : 'no-answer';
        await expectError(setup.mint.mint(setup.scopes, 3600), code, setup);
        expect(setup.calls).toHaveLength(setup.dialect.rootGraceMs ? often : 1);
      },
    }),
  ),
  {
    name: 'a lost answer costs the root only where its provider takes none twice',
    where,
    settings,
    async run(setup) {
      const { mint, scopes, stored, use, dialect, clock } = setup;
      let isFirst = true;
      setup.faults(() => {
        const fault = isFirst ? { kind: 'drop-after' as const } : undefined;
        isFirst = false;
        return fault;
      });
      if (!dialect.rootGraceMs) {
        await expectError(mint.mint(scopes, 3600), 'no-answer', setup);
        await expectError(mint.mint(scopes, 3600), 'key-rejected', setup);
        return;
      }
      const { token } = await mint.mint(scopes, 3600);
      expect(stored).toHaveLength(1);
      expect(await use(token)).toBe(200);
      await mint.mint(scopes, 3600);
      expect(stored).toHaveLength(2);
      // The grace ends.
      stored.splice(0);
      await clock.sleep(dialect.rootGraceMs + 1);
      await expectError(mint.mint(scopes, 3600), 'key-rejected', setup);
    },
  },
  {
    name: 'a root that was used up asks for a person',
    where,
    settings,
    async run(setup) {
      await setup.mint.mint(setup.scopes, 3600);
      setup.stored.length = 0;
      await setup.clock.sleep((setup.dialect.rootGraceMs ?? 0) + 1);
      const { message } = await expectError(setup.mint.mint(setup.scopes, 3600), 'key-rejected', setup);
      expect(message).toMatch(/consent again.*keyturn adopt/);
    },
  },
  {
    name: 'a root without what minting needs is named',
    where,
    settings,
    async run(setup) {
      const { refreshToken: _, ...bare } = setup.root;
      const { message } = await expectError(
        setup.mintFrom(bare as typeof setup.root).mint(setup.scopes, 3600),
        'bad-secret',
        setup,
      );
      expect(message).toContain('refreshToken');
      expect(setup.calls).toEqual([]);
    },
  },
  {
    name: 'no token is ended where its consent could end with it',
    where,
    settings,
    async run({ mint, dialect, scopes, use }) {
      if (!dialect.tokensEndAlone) return expect(mint.revoke).toBeUndefined();
      const { token } = await mint.mint(scopes, 3600);
      await mint.revoke!(token);
      expect(await use((await mint.mint(scopes, 3600)).token)).toBe(200);
    },
  },
];
