// Roots that minting uses up: each is sent once, and its successor is stored before anybody has the token.
import { expectError } from '../contract/check';
import { type AnyMint, alwaysUsesUpRoot, type MintCheck } from './mint-setup';

const settings: MintCheck['settings'] = ({ registrationUrl, ...sample }) =>
  registrationUrl === undefined ? sample : { ...sample, grant: 'refresh_token' };
const where = (connector: AnyMint) => connector.usesUpRoot !== undefined;

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
    where: connector => where(connector) && !alwaysUsesUpRoot(connector),
    async run({ connector, mint, scopes, stored, settings }) {
      expect(connector.usesUpRoot!(settings)).toBe(false);
      await mint.mint(scopes, 3600);
      expect(stored).toEqual([]);
    },
  },
  ...(['429', 'drop-before', 'drop-after', 'hang'] as const).map(
    (kind): MintCheck => ({
      name: `a root that can be used up is sent once, whatever happens (${kind})`,
      where,
      settings,
      async run(setup) {
        setup.faults(() => ({ kind }));
        const code = kind === '429' ? 'rate-limited' : 'no-answer';
        await expectError(setup.mint.mint(setup.scopes, 3600), code, setup);
        expect(setup.calls).toHaveLength(1);
      },
    }),
  ),
  {
    name: 'a root that was used up asks for a person',
    where,
    settings,
    async run(setup) {
      await setup.mint.mint(setup.scopes, 3600);
      setup.stored.length = 0;
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
    async run({ mint }) {
      expect(mint.revoke).toBeUndefined();
    },
  },
];
