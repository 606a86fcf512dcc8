import {
  emptyAnswer,
  finding,
  keyAtProvider,
  type PartAnswer,
  type Print,
} from '../../../core/audit/finding';
import { needsAttention, reportsOf } from '../../../core/audit/report';
import { auditRules, type RuleId } from '../../../core/audit/rules';
import { printOf } from '../../../core/audit/same-key';

const at = new Date('2027-03-01T08:00:00Z');
const salt = '0'.repeat(64);
const keyPrint = (key: string, secret: string, keyId = secret): Print => {
  const [environment = '', provider = ''] = key.split('/');
  const atProvider = keyAtProvider(provider, keyId);
  return { print: printOf(secret, salt), holder: { kind: 'key', environment, key, atProvider } };
};
const issuerPrint = (environment: string, secret: string): Print => ({
  print: printOf(secret, salt),
  holder: { kind: 'issuer', environment, provider: 'sendgrid' },
});
const answers = (environment: string, ...prints: Print[]) => ({
  environment,
  answers: [{ ...emptyAnswer(), prints }],
});
const found = (rule: RuleId, subject: string, evidence = ['said']) =>
  finding(rule, { subject, keys: [subject], evidence, fix: 'mend it' });

test('prints tell nothing without their salt, and are as long as said', () => {
  expect(printOf('secret', salt)).toMatch(/^[0-9a-f]{16}$/);
  expect(printOf('secret', salt)).not.toBe(printOf('secret', '1'.repeat(64)));
});

describe('the same key', () => {
  it('is found across environments, once, and versions of one secret are no two places', () => {
    const reports = reportsOf(
      [
        answers('dev', keyPrint('dev/sendgrid/a', 'one'), keyPrint('dev/sendgrid/a', 'one')),
        answers('prod', keyPrint('prod/sendgrid/a', 'one'), keyPrint('prod/sendgrid/b', 'two')),
      ],
      at,
    );
    expect(reports.map(({ findings }) => findings.map(({ rule, keys }) => ({ rule, keys })))).toEqual([
      [{ rule: 'same-key', keys: ['dev/sendgrid/a', 'prod/sendgrid/a'] }],
      [],
    ]);
  });

  it('of prod-eu stands in its report, and not in that of prod', () => {
    const [prod, eu] = reportsOf(
      [
        answers('prod', keyPrint('prod/sendgrid/a', 'one')),
        answers('prod-eu', keyPrint('prod-eu/sendgrid/a', 'two'), keyPrint('prod-eu/sendgrid/b', 'two')),
      ],
      at,
    );
    expect(prod?.findings).toEqual([]);
    expect(eu?.findings.map(({ keys }) => keys)).toEqual([['prod-eu/sendgrid/a', 'prod-eu/sendgrid/b']]);
  });

  it('may be the issuer credential, which stays', () => {
    const [report] = reportsOf(
      [answers('prod', keyPrint('prod/sendgrid/a', 'one'), issuerPrint('prod', 'one'))],
      at,
    );
    expect(report?.findings).toEqual([
      expect.objectContaining({
        rule: 'same-key',
        keys: ['prod/sendgrid/a'],
        fix: expect.stringContaining('`npx keyturn rotate prod/sendgrid/a`'),
      }),
    ]);
  });

  it('is a shared credential, where issuers of two environments are alike', () => {
    const [dev, prod] = reportsOf(
      [answers('dev', issuerPrint('dev', 'one')), answers('prod', issuerPrint('prod', 'one'))],
      at,
    );
    expect(dev?.findings.map(({ rule }) => rule)).toEqual(['shared-issuer']);
    expect(prod?.findings).toEqual([]);
    const apart = reportsOf(
      [answers('dev', issuerPrint('dev', 'one')), answers('prod', issuerPrint('prod', 'two'))],
      at,
    );
    expect(apart.flatMap(({ findings }) => findings)).toEqual([]);
  });
});

test('a key that is unknown in one environment and held in another is nobody elses', () => {
  const stranger: PartAnswer = {
    ...emptyAnswer(),
    findings: [finding('unknown-key', { subject: 'sendgrid key k1', keys: [], evidence: [], fix: '' })],
  };
  const alone = reportsOf([{ environment: 'prod', answers: [stranger] }], at);
  expect(alone[0]?.findings).toHaveLength(1);
  const both = reportsOf(
    [{ environment: 'prod', answers: [stranger] }, answers('dev', keyPrint('dev/sendgrid/a', 'one', 'k1'))],
    at,
  );
  expect(both[0]?.findings).toEqual([]);
});

test('findings come worst first, two views of one are one, and what was looked at is summed', () => {
  const part = (looked: Record<string, number>, ...findings: PartAnswer['findings']): PartAnswer => ({
    ...emptyAnswer(),
    findings,
    looked,
    notCovered: [{ what: 'all', why: 'no time' }],
  });
  const [report] = reportsOf(
    [
      {
        environment: 'prod',
        answers: [
          part(
            { keys: 2 },
            found('no-expiry', 'b'),
            found('unused-key', 'b'),
            found('key-gone', 'b', ['one']),
          ),
          part({ keys: 3, places: 1 }, found('key-gone', 'a'), found('key-gone', 'b', ['two', 'one'])),
        ],
      },
    ],
    at,
  );
  expect(report?.findings.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual([
    'key-gone a',
    'key-gone b',
    'unused-key b',
    'no-expiry b',
  ]);
  expect(report?.findings[1]?.evidence).toEqual(['one', 'two']);
  expect(report?.looked).toEqual({ keys: 5, places: 1 });
  expect(report?.notCovered).toHaveLength(1);
});

test('low findings alone need no attention', () => {
  expect(needsAttention({ findings: [found('no-expiry', 'a')] })).toBe(false);
  expect(needsAttention({ findings: [found('no-expiry', 'a'), found('unused-key', 'a')] })).toBe(true);
  expect(needsAttention({ findings: [] })).toBe(false);
});

test('every rule says what is wrong and why', () => {
  for (const { title, help } of Object.values(auditRules)) {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  }
});
