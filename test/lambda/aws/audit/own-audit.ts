// The audit that runs by itself, with parts that find what a test lays out for them.
import { type AuditFinding, emptyAnswer, finding, type PartAnswer } from '../../../../core/audit/finding';
import type { PartRequest } from '../../../../core/audit/parts';
import type { RuleId } from '../../../../core/audit/rules';
import type { Notice } from '../../../../core/notices/notice';
import { auditByItself } from '../../../../lambda/aws/audit/own-audit';
import { createTable } from '../../../../lambda/aws/table/table';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

export const dayMs = 86_400_000;
export const parts = ['keys', 'provider:okta', 'provider:sendgrid'];

interface Surroundings {
  setup: FunctionSetup;
  told: Notice[];
  /** On standard output, where metrics go. */
  said: string;
  /** What there is to find, by part. */
  there: Record<string, AuditFinding[]>;
  /** What goes wrong on the way, by part. */
  broken: Record<string, () => PartAnswer>;
  refuse?: Error;
  asked: string[];
}

export const its: Surroundings = {} as Surroundings;

beforeEach(async () => {
  const setup = await openFunctionSetup('keyturn-prod-audit');
  Object.assign(its, { setup, told: [], said: '', there: {}, broken: {}, refuse: undefined, asked: [] });
  jest.spyOn(process.stdout, 'write').mockImplementation(written => {
    its.said += String(written);
    return true;
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await its.setup.close();
});

export const found = (rule: RuleId, subject: string, keys: string[] = []): AuditFinding =>
  finding(rule, { subject, keys, evidence: ['seen'], fix: 'mend it' });
export const unknown = (id: string) => found('unknown-key', `okta key ${id}`);
export const old = (key: string) => found('older-than-policy', key, [key]);

async function look({ part }: PartRequest): Promise<PartAnswer> {
  its.asked.push(part);
  return its.broken[part]?.() ?? { ...emptyAnswer(), findings: its.there[part] ?? [] };
}

export const run = (clock: Pick<FunctionSetup['clock'], 'now'> = its.setup.clock, isTimeUp = () => false) =>
  auditByItself(
    {
      environment: 'prod',
      parts,
      table: createTable(its.setup.dynamoDb, 'prod'),
      notify: async notice => {
        if (its.refuse) throw its.refuse;
        its.told.push(notice);
      },
      clock: { now: () => clock.now(), sleep: async () => undefined },
    },
    look,
    isTimeUp,
  );
export const aWeek = () => its.setup.passMs(7 * dayMs);
export const factsOf = (notice: Notice | undefined, label: string) =>
  (notice?.facts ?? []).flatMap(([name, value]) => (name === label ? value : []));
export const metrics = () =>
  its.said
    .trim()
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Record<string, unknown>);
