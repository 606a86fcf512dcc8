// When people are told again of what they know already.

import { messageOf } from '../../../../core/notices/forms/message';
import { manyNotice } from '../../../../core/notices/many-notice';
import type { Notice } from '../../../../core/notices/notice';
import { runbookSection } from '../../../../core/notices/notice';
import {
  createProblems,
  type ProblemReport,
  toldOneByOneAtMost,
} from '../../../../lambda/aws/table/problems';
import { createTable } from '../../../../lambda/aws/table/table';
import { type FunctionSetup, openFunctionSetup } from '../../../support/function-setup';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
let setup: FunctionSetup;
let told: Notice[];

beforeEach(async () => {
  setup = await openFunctionSetup('keyturn-prod-tell');
  told = [];
});
afterEach(() => setup.close());

const problems = () =>
  createProblems({
    table: createTable(setup.dynamoDb, 'prod'),
    notify: async notice => void told.push(notice),
    clock: setup.clock,
  });
const notice = (about: string, state: 'begins' | 'over' = 'begins'): Notice => ({
  ...{ state, about, severity: 'warning', environment: 'prod', keys: [], headline: about, facts: [] },
  ...{ done: [], next: [], runbook: runbookSection('overdue'), drill: false },
});
const begin = (about: string, more: Partial<ProblemReport> = {}) =>
  problems().begin({ notice: notice(about), at: setup.clock.now(), ...more });
const end = (about: string) => problems().end({ notice: notice(about, 'over'), at: setup.clock.now() });
const states = () => told.map(({ state }) => state);

test('what goes off again is told, though nobody heard that it was over', async () => {
  const at = setup.clock.now();
  await begin('alarm', { at, isChange: true });
  await begin('alarm', { at, isChange: true });
  expect(told).toHaveLength(1);
  // It was deleted while it was on, and made again.
  await begin('alarm', { at: new Date(at.getTime() + 1), isChange: true });
  expect(states()).toEqual(['begins', 'begins']);
});

test('what goes on for a month is told again, and not a day before', async () => {
  await begin('rotation');
  await setup.passMs(29 * dayMs);
  await begin('rotation');
  expect(told).toHaveLength(1);
  await setup.passMs(dayMs);
  await begin('rotation');
  expect(told).toHaveLength(2);
});

test('what was on for months is told to be over', async () => {
  await begin('alarm');
  await setup.passMs(100 * dayMs);
  await end('alarm');
  expect(states()).toEqual(['begins', 'over']);
});

test('one message for many stands for those of the next hour, and then for no more', async () => {
  const fail = (member: string) =>
    begin(member, {
      group: {
        name: 'rotations/sendgrid',
        member,
        notice: (keys, isOver) => manyNotice('rotations', 'prod', 'sendgrid', keys, isOver),
      },
    });
  for (const n of [0, 1, 2, 3, 4]) await fail(`key-${n}`);
  expect(told).toHaveLength(toldOneByOneAtMost + 1);
  await setup.passMs(hourMs - 1);
  await fail('key-5');
  expect(told).toHaveLength(toldOneByOneAtMost + 1);
  await setup.passMs(1);
  await fail('key-6');
  expect(told).toHaveLength(toldOneByOneAtMost + 2);
  expect(messageOf(told.at(-1)!).text).toMatch(/Among them: *key-6,/);
});
