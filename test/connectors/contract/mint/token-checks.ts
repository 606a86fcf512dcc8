// What comes of minting: a token that works, with the rights that were asked, for a while; and what comes of trouble.
import type { Connector } from '../../../../connectors/contract/connector';
import type { KeyturnError } from '../../../../core/errors';
import { expectError, mapTexts } from '../checks/check';
import { expectPlaceholder, expectPresented } from '../checks/presented';
import { lastingFaults, nameOfFault, passingFaults } from '../checks/provider-faults';
import { endsTokens, type MintCheck, usesUpRoot } from './mint-setup';

const lasting: typeof lastingFaults = [
  [{ kind: 'status', status: 400 }, 'refused'],
  [{ kind: 'status', status: 401 }, 'refused'],
  ...lastingFaults,
];
/** Seconds. */
const tokenLife = 3600;

export const tokenChecks: MintCheck[] = [
  {
    name: 'a token works where it is used, and says when it ends',
    async run({ mint, scopes, clock, use }) {
      const { token, expiresAt } = await mint.mint(scopes, tokenLife);
      expect(await use(token)).toBe(200);
      const lives = Date.parse(expiresAt) - clock.now().getTime();
      expect(lives).toBeGreaterThan(0);
      await clock.sleep(lives - 1_000);
      expect(await use(token)).toBe(200);
      await clock.sleep(1_000);
      expect(await use(token)).toBe(401);
    },
  },
  {
    name: 'servers send the token to the stated hosts, and in a stated place',
    async run({ connector, dialect, settings, root, mint, scopes, clock }) {
      const { token } = await mint.mint(scopes, tokenLife);
      const value = { ...root, secret: token };
      expectPresented(connector as Connector, settings, value, dialect.use(value, settings, clock.now()));
    },
  },
  {
    name: 'the placeholder is plainly no token',
    async run({ connector, use }) {
      expect(await use(expectPlaceholder(connector as Connector))).toBe(401);
    },
  },
  {
    name: 'a token has the scopes that were asked, and says so',
    async run({ mint, scopes, dialect }) {
      expect((await mint.mint(scopes, tokenLife)).scopes?.toSorted()).toEqual(scopes.toSorted());
      const narrow = await mint.mint(scopes.slice(0, 1), tokenLife);
      const granted = dialect.tokensHaveAllScopes ? scopes.toSorted() : scopes.slice(0, 1);
      expect(narrow.scopes?.toSorted()).toEqual(granted);
    },
  },
  {
    name: 'a scope that the root does not have is refused by name',
    async run(setup) {
      const work = setup.mint.mint(['administration:write'], tokenLife);
      // What was used up for it must not get lost, so it is not thrown away here: the rules see what was granted.
      if (setup.dialect.tokensHaveAllScopes) {
        expect((await work).scopes).not.toContain('administration:write');
        return expect(setup.stored).toHaveLength(1);
      }
      const { message } = await expectError(work, 'refused', setup);
      expect(message).toContain('[administration:write]');
    },
  },
  {
    name: 'a token is proven alive and dead, and nothing is said where nobody can tell',
    where: ({ verifyToken }) => verifyToken !== undefined,
    async run({ mint, scopes, faults, clock }) {
      const { token, expiresAt } = await mint.mint(scopes, tokenLife);
      expect(await mint.verify?.(token)).toBe('accepted');
      for (const status of [400, 401, 403, 404, 500, 503]) {
        faults(() => ({ kind: 'status', status }));
        expect(await mint.verify?.(token)).toBe('unknown');
      }
      faults(() => undefined);
      // Where nothing ends it, its time does.
      await (mint.revoke?.(token) ?? clock.sleep(Date.parse(expiresAt) - Number(clock.now())));
      expect(await mint.verify?.(token)).toBe('rejected');
    },
  },
  {
    name: 'a token that is ended works no more, and ending it again succeeds',
    where: endsTokens,
    async run({ mint, scopes, use }) {
      const [first, second] = [await mint.mint(scopes, tokenLife), await mint.mint(scopes, tokenLife)];
      await mint.revoke!(first.token);
      expect([await use(first.token), await use(second.token)]).toEqual([401, 200]);
      await mint.revoke!(first.token);
    },
  },
  {
    name: 'a dead root mints nothing, and what to do is said',
    async run(setup) {
      const work = setup.mintFrom(setup.deadRoot()).mint(setup.scopes, tokenLife);
      const { message } = await expectError(work, 'key-rejected', setup);
      expect(message).toContain('keyturn adopt');
    },
  },
  ...passingFaults.map(
    (fault): MintCheck => ({
      name: `calls are sent again after one ${nameOfFault(fault)}`,
      where: (connector, sample) => !usesUpRoot(connector, sample),
      async run({ mint, scopes, calls, clock, faultOnce, use }) {
        const { revoke } = mint;
        const ending = revoke ? [() => revoke('FAKESECRETunknown')] : [];
        for (const work of [() => mint.mint(scopes, tokenLife), ...ending]) {
          const [callsBefore, passedBefore] = [calls.length, clock.passed];
          faultOnce(fault);
          const minted = await work();
          expect(calls.length - callsBefore).toBeGreaterThan(1);
          expect(clock.passed - passedBefore).toBeGreaterThanOrEqual(1000);
          if (minted) expect(await use(minted.token)).toBe(200);
        }
      },
    }),
  ),
  ...lasting.map(
    ([fault, code]): MintCheck => ({
      name: `lasting trouble is called by its name: ${nameOfFault(fault)} is ${code}`,
      async run(setup) {
        setup.faults(() => fault);
        await expectError(setup.mint.mint(setup.scopes, tokenLife), code, setup);
      },
    }),
  ),
  {
    name: 'an answer without a token, or of another shape, is a bad reply',
    async run(setup) {
      const shapes = [
        { status: 200, body: '<html>Please log in</html>' },
        { status: 201, body: '<html>Please log in</html>' },
      ];
      for (const shape of shapes) {
        setup.faults(() => ({ kind: 'rewrite', change: () => shape }));
        await expectError(setup.freshMint().mint(setup.scopes, tokenLife), 'bad-reply', setup);
      }
      // Whatever the provider calls it.
      const withoutToken = (reply: { status: number; body?: unknown }) => {
        const known = setup.allSecrets();
        const isSecret = (value: unknown) => typeof value === 'string' && known.includes(value);
        const kept = (_: string, value: unknown) => (isSecret(value) ? undefined : value);
        return { ...reply, body: JSON.parse(JSON.stringify(reply.body, kept)) };
      };
      setup.faults(() => ({ kind: 'rewrite', change: withoutToken }));
      await expectError(setup.freshMint().mint(setup.scopes, tokenLife), 'bad-reply', setup);
    },
  },
  {
    name: 'a page of somebody else ends no token',
    where: endsTokens,
    async run(setup) {
      const { token } = await setup.mint.mint(setup.scopes, tokenLife);
      setup.faults(() => ({ kind: 'rewrite', change: () => ({ status: 200, body: '<html>Log in</html>' }) }));
      await expect(setup.mint.revoke!(token)).rejects.toThrow();
    },
  },
  {
    name: 'an error shows nothing of what the provider echoes',
    async run(setup) {
      const echo = `${setup.root.secret} ${setup.allSecrets().join(' ')}`;
      for (const status of [400, 401, 403, 404, 422, 500]) {
        setup.faults(() => ({
          kind: 'rewrite',
          change: reply => ({ ...mapTexts(reply, () => echo), status, body: { error: echo, message: echo } }),
        }));
        const error = await setup.mint.mint(setup.scopes, tokenLife).catch((thrown: unknown) => thrown);
        await expectError(Promise.reject(error), (error as KeyturnError).code, setup);
      }
    },
  },
  {
    name: 'only the declared origins are called',
    async run({ mint, scopes, calls, dialect, settings, provider, root }) {
      const { token } = await mint.mint(scopes, tokenLife);
      await mint.revoke?.(token);
      await provider.verify(root);
      const origins = new Set(calls.map(({ origin }) => origin));
      expect([...origins].every(origin => dialect.origins(settings).includes(origin))).toBe(true);
    },
  },
];
