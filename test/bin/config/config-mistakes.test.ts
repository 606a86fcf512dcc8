// Mistakes that people make in config/keys.ts: each is told with its line, the value and the fix, as a person reads it.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../bin/config/load-config';
import type { KeysInput } from '../../../lib/config/config';
import { holdsKey, withoutLikelySecrets } from '../../../lib/config/problems/likely-secrets';
import { suggestion } from '../../../lib/config/problems/problem';
import { providers as known } from '../../../lib/config/providers';
import { validateConfig } from '../../../lib/config/validate-config';
import { validKeys } from '../../lib/support/broken-config';
import { fc } from '../../support/fast-check';
import written from './config-mistakes.json';

const source = written.source.join('\n');
const { mistakes } = written;
let folder: string;
const home = process.cwd();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-mistakes-'));
  // Without its types, `defineKeys` hands on what it gets.
  writeFileSync(join(folder, 'define-keys.ts'), 'export const defineKeys = <T>(keys: T) => keys;\n');
  symlinkSync(join(home, 'node_modules'), join(folder, 'node_modules'));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

async function told(text: string, file = 'keys.ts'): Promise<string> {
  writeFileSync(file, text);
  try {
    await loadConfig(file);
    return 'nothing';
  } catch (error) {
    expect((error as { code?: string }).code).toBe('bad-config');
    return (error as Error).message;
  }
}

test('the configuration without a mistake is taken', async () => {
  expect(await told(source)).toBe('nothing');
});

test('there are at least eighty mistakes', () => {
  expect(mistakes.length).toBeGreaterThanOrEqual(80);
});

test.each(mistakes)('$about is told with its line, the value and the fix', async ({ replace, by, says }) => {
  expect(replace === '' || source.includes(replace)).toBe(true);
  const text = replace === '' ? by : source.replace(replace, () => by);
  // Jest's own loader adds from where.
  const message = (await told(text)).replace(/ from '[^']*'/, '');
  const providers = suggestion('mailchimp', Object.keys(known));
  expect(message.split('\n')).toEqual(says.map(line => line.replace('{providers}', providers)));
});

/** Of the right form, and nobody's; put together here, since hosts of repositories refuse whole ones. */
const pasted = [
  ['SG', 'kF3nQ9xZ2LrT7vWpY1bH4c', 'm8Jd5sGq0RtUeXo6NzKiAhV3fPyBw2CrLx9TgEuM1Sd'].join('.'),
  ['sk', 'svcacct', 'Zk3nQ9xLrT7vWpY1bH4cm8Jd5sGq0RtU'].join('-'),
  ['re', 'Zk3nQ9xLrT7vWpY1bH4cm8Jd5s'].join('_'),
  ['glpat', 'Zk3nQ9xLrT7vWpY1bH4c'].join('-'),
  ['ghp', 'Zk3nQ9xLrT7vWpY1bH4cm8Jd5sGq0RtUeXo6'].join('_'),
  ['AKIA', 'Z3NQ9XLRT7VWPY1B'].join(''),
  'wJ9lrXUt4nFEMI/K7MDENG/bPxRf3CYzq8WsKdV2',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
  'k3n9q2x7l4r8t5v1w6p0y3b9h2c7m4j8',
];
const spots: [where: string, replace: string, by: (secret: string) => string][] = [
  ['a variable', "'SENDGRID_API_KEY'", secret => `'${secret}'`],
  ['a scope', "'mail.send'", secret => `'${secret} x'`],
  ['a purpose', "env: 'SENDGRID_API_KEY'", secret => `purpose: '${secret}'`],
  ['a provider', "provider: 'sendgrid'", secret => `provider: '${secret}'`],
  ['a region', "region: 'eu-central-1'", secret => `region: '${secret}'`],
  ['an account', "account: '333333333333'", secret => `account: '${secret}'`],
  ['a setting', "project: 'proj_support'", secret => `project: { key: '${secret}' }`],
  [
    'a setting of its own',
    "project: 'proj_support'",
    secret => `project: 'proj_a', apiKey: { a: '${secret}', b: 7 }`,
  ],
  ['a role', "prod: 'arn:aws:iam::333333333333:role/support-bot'", secret => `prod: '${secret}'`],
  ['a field', "env: 'SENDGRID_API_KEY'", secret => `'${secret}': true`],
  ['a server', "'support-bot': {", secret => `'${secret}': {`],
  ['a team', "team: 'support'", secret => `team: '${secret}/x'`],
  [
    'a list behind other text',
    "admins: ['arn:aws:iam::222222222222:role/platform-admin']",
    secret => `admins: 'role ${'x '.repeat(25)}${secret}'`,
  ],
  ['what is thrown', 'const oncall =', secret => `throw new Error('no ${secret}');\nconst oncall =`],
  ['a line that cannot be read', 'const oncall =', secret => `const key = ${secret};\nconst oncall =`],
  [
    'a module',
    "import { defineKeys } from './define-keys';",
    secret => `import { defineKeys } from './${secret}';`,
  ],
];

describe.each(spots)('a key pasted into %s', (_, replace, by) => {
  test.each(pasted)('is refused, and not repeated: %#', async secret => {
    expect(source).toContain(replace);
    const message = await told(source.replace(replace, () => by(secret)));
    // One without a beginning of its own may be a name.
    if (holdsKey(secret)) expect(message).not.toBe('nothing');
    for (const part of [secret.slice(0, 16), secret.slice(-12)]) expect(message).not.toContain(part);
  });
});

test('names that people choose are repeated', () => {
  const names = [
    'arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0f1e2d3c4b5a6978',
    'keyturn-production-of-all-the-eu-reads-333333333333-eu-central-1',
    'https://auth.example.com/oauth2/v1/token',
    'SENDGRID_API_KEY_FOR_THE_SUPPORT_BOT_2',
    'proj_support',
    'config/keys.ts:12:7',
    '1234abcd-12ab-34cd-56ef-1234567890ab',
    'subnet-0123456789abcdef0',
    'CustomerSuccessAutomationServer2',
  ];
  for (const name of names) expect(withoutLikelySecrets(`x "${name}" y`)).toBe(`x "${name}" y`);
});

describe('whatever stands in a configuration', () => {
  const kinds = ['environments', 'servers'] as const;
  /** Puts `value` somewhere into a valid configuration, as deep as the steps lead. */
  function broken(steps: number[], value: unknown): unknown {
    const whole: Record<string, unknown> = { ...validKeys() };
    let at = whole;
    for (const [index, step] of steps.entries()) {
      const names = Object.keys(at);
      const name = index === 0 ? kinds[step % 2]! : names[step % names.length];
      const inner = name === undefined ? undefined : at[name];
      if (name === undefined) break;
      if (index === steps.length - 1 || typeof inner !== 'object' || inner === null) {
        at[name] = value;
        break;
      }
      at = inner as Record<string, unknown>;
    }
    return whole;
  }
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const odd = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    }),
    fc.constantFrom<unknown>(
      () => 1,
      Symbol('x'),
      circular,
      Number.NaN,
      Promise.resolve(),
      new Proxy({}, {}),
      'x\n  at y (z.ts:1:1)',
      '\u001b[2J\u202e',
    ),
    fc.string({ maxLength: 5_000 }),
    fc.dictionary(fc.string(), fc.anything(), { maxKeys: 100 }),
    fc.array(fc.constantFrom({ provider: 'sendgrid' }, { provider: 'x' }, 7), {
      minLength: 50,
      maxLength: 300,
    }),
  );
  /** What validators and engines say by themselves. */
  const foreign =
    /Invalid (input|option|string|key|value|element)|expected (string|number|object|array)|must match|Too (small|big)|Unrecognized|ZodError|Cannot read|is not a function|circular|BigInt|\n\s+at /i;

  test('it is told in words of our own, on one screen, without a stack', async () => {
    await fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 0, maxLength: 7 }), odd, (steps, value) => {
        let message = '';
        try {
          validateConfig((steps.length ? broken(steps, value) : value) as KeysInput);
          return;
        } catch (error) {
          expect((error as { code?: string }).code).toBe('bad-config');
          message = (error as Error).message;
        }
        const said = message.replace(/"(?:[^"\\]|\\.)*"/g, '""');
        expect(said).not.toMatch(foreign);
        const lines = message.split('\n');
        const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 80)), 0);
        expect(rows).toBeLessThanOrEqual(25);
        expect(message).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
      }),
      { numRuns: 1_000 },
    );
  });
});
