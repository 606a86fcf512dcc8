// Rotation as the service runs it: a placeholder version, four invocations, retries under the same token, windows.

import { dayMs } from '../clock/time';
import type { Random, Virtual } from '../clock/virtual';
import type { Functions } from '../lambda/functions';
import { pick, uuid } from '../shared/identifiers';
import { attach, detach, holderOf } from './labels';
import type { PartnerRotations } from './partners';
import { nextWindow } from './rotation-schedule';
import type { Secret } from './secret';
import type { SecretRecords } from './secret-records';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export const serviceName = 'secretsmanager.amazonaws.com';

export type RotationEvent =
  | 'RotationStarted'
  | 'RotationSucceeded'
  | 'RotationFailed'
  | 'RotationAbandoned'
  | 'TestRotationStarted'
  | 'TestRotationSucceeded'
  | 'TestRotationFailed';

/** AWS publishes neither number: these are assumptions to vary. */
export interface RotationKnobs {
  /** Waits before the second, third, ... attempt; after the last one the next window is waited for. Milliseconds. */
  retryAfterMs: readonly number[];
  /** One is drawn after each success: AWSPENDING goes at once, or is still seen for a while. Milliseconds. */
  pendingCleanUpMs: readonly number[];
}

export interface Rotations {
  /** Begins a rotation under this token; answers before the first step. */
  begin(arn: string, token: string): void;
  /** RotateImmediately=false: testSecret alone, on a copy of the current value. */
  test(arn: string, token: string): void;
  /** Plans the next window anew, after rules, value or switch changed. */
  plan(arn: string): void;
  /** A value stored by hand ends a pending rotation. */
  abandon(arn: string, token: string): void;
  /** @returns the version in flight */
  cancel(arn: string): string | undefined;
  /** The token with which the function must write now, and the proof that another role may carry. */
  underWay(arn: string): { token: string; rotationToken: string } | undefined;
}

export function createRotations(tools: {
  virtual: Virtual;
  random: Random;
  records: SecretRecords;
  functions: Functions;
  partners: PartnerRotations;
  account: string;
  knobs: RotationKnobs;
  announce(event: RotationEvent, secretArn: string, token: string, errorMessage?: string): void;
}): Rotations {
  const { virtual, random, records, functions, knobs } = tools;
  const running = new Map<string, { token: string; rotationToken: string }>();
  const windows = new Map<string, () => void>();
  const retries = new Map<string, () => void>();

  const inMs = (ms: number) => new Date(virtual.now().getTime() + ms);

  function forget(timers: Map<string, () => void>, arn: string): void {
    timers.get(arn)?.();
    timers.delete(arn);
  }

  function begin(arn: string, token: string, attempt = 0): void {
    const secret = records.get(arn);
    forget(retries, arn);
    records.change(arn, {
      versions: { ...secret.versions, [token]: secret.versions[token] ?? { createdAt: virtual.now() } },
      labels: attach(secret.labels, 'AWSPENDING', token),
    });
    running.set(arn, { token, rotationToken: uuid(random) });
    virtual.schedule(virtual.now(), `rotation of ${secret.name}`, () => rotate(arn, token, attempt));
  }

  async function invoke(
    secret: Secret,
    step: (typeof steps)[number],
    token: string,
  ): Promise<string | undefined> {
    const { functionArn } = secret.rotation;
    if (!functionArn) throw new Error(`the secret ${secret.name} has no rotation function, and is rotated`);
    const event = {
      Step: step,
      SecretId: secret.arn,
      ClientRequestToken: token,
      RotationToken: running.get(secret.arn)?.rotationToken ?? uuid(random),
    };
    const result = await functions.invoke(functionArn, event, {
      principal: serviceName,
      sourceAccount: tools.account,
    });
    return result.ok ? undefined : `Error when executing lambda ${functionArn} during ${step} step`;
  }

  /** Cancelled, deleted, or abandoned by a value stored by hand: whoever did so has said so. */
  function isOver(arn: string, token: string): boolean {
    const secret = records.find(arn);
    return running.get(arn)?.token !== token || !secret || secret.deletedAt !== undefined;
  }

  async function work(arn: string, token: string): Promise<{ problem?: string | undefined } | 'over'> {
    const { rotation } = records.get(arn);
    if (rotation.external) {
      const rotationToken = running.get(arn)?.rotationToken ?? uuid(random);
      return { problem: await tools.partners.rotate(records.get(arn), token, rotationToken) };
    }
    for (const step of steps) {
      if (isOver(arn, token)) return 'over';
      const problem = await invoke(records.get(arn), step, token);
      if (problem) return { problem };
    }
    return {};
  }

  async function rotate(arn: string, token: string, attempt: number): Promise<void> {
    tools.announce('RotationStarted', arn, token);
    if (isOver(arn, token)) return;
    const worked = await work(arn, token);
    if (worked === 'over') return;
    if (worked.problem) return fail(arn, token, attempt, worked.problem);
    if (holderOf(records.get(arn).labels, 'AWSCURRENT') === token) return succeed(arn, token);
    fail(arn, token, attempt, `Version ${token} does not carry AWSCURRENT after the finishSecret step`);
  }

  function fail(arn: string, token: string, attempt: number, problem: string): void {
    if (running.get(arn)?.token !== token) return;
    running.delete(arn);
    tools.announce('RotationFailed', arn, token, problem);
    const waitMs = knobs.retryAfterMs[attempt];
    if (waitMs === undefined) {
      plan(arn);
      return;
    }
    const retry = () => {
      retries.delete(arn);
      const secret = records.find(arn);
      if (secret?.rotation.enabled && isPending(secret, token)) begin(arn, token, attempt + 1);
    };
    retries.set(arn, virtual.schedule(inMs(waitMs), `retry of rotation ${arn}`, retry));
  }

  function succeed(arn: string, token: string): void {
    if (running.get(arn)?.token !== token) return;
    running.delete(arn);
    const secret = records.get(arn);
    records.change(arn, { rotation: { ...secret.rotation, lastRotatedAt: virtual.now() } });
    tools.announce('RotationSucceeded', arn, token);
    plan(arn);
    const cleanUp = () => {
      const { labels } = records.find(arn) ?? { labels: {} };
      if (holderOf(labels, 'AWSPENDING') === token)
        records.change(arn, { labels: detach(labels, 'AWSPENDING') });
    };
    const waitMs = pick(random, knobs.pendingCleanUpMs);
    if (waitMs === 0) cleanUp();
    else virtual.schedule(inMs(waitMs), `clean-up of AWSPENDING ${arn}`, cleanUp);
  }

  function plan(arn: string): void {
    forget(windows, arn);
    const { rotation, valueChangedAt, name } = records.get(arn);
    if (!rotation.enabled || !rotation.rules) return;
    const last = latest(rotation.lastRotatedAt, valueChangedAt);
    const window = nextWindow(rotation.rules, virtual.now(), last);
    if (!window) return;
    const { opensAt, closesAt } = window;
    const days = Math.ceil((closesAt.getTime() - virtual.now().getTime()) / dayMs);
    records.change(arn, {
      rotation: {
        ...rotation,
        nextRotationAt: closesAt,
        rules: { ...rotation.rules, ...counted(rotation.rules, days) },
      },
    });
    const moment = new Date(opensAt.getTime() + random() * (closesAt.getTime() - opensAt.getTime()));
    windows.set(
      arn,
      virtual.schedule(moment, `rotation window of ${name}`, () => open(arn)),
    );
  }

  function open(arn: string): void {
    windows.delete(arn);
    const secret = records.find(arn);
    if (!secret || secret.deletedAt || !secret.rotation.enabled || running.has(arn)) return;
    const pending = holderOf(secret.labels, 'AWSPENDING');
    const stuck = pending && pending !== holderOf(secret.labels, 'AWSCURRENT');
    begin(arn, stuck ? pending : uuid(random));
  }

  async function runTest(arn: string, token: string): Promise<void> {
    const tested = records.find(arn);
    // It was deleted at once.
    if (!tested) return;
    tools.announce('TestRotationStarted', arn, token);
    const problem = await invoke(tested, 'testSecret', token);
    const secret = records.find(arn);
    if (secret && holderOf(secret.labels, 'AWSPENDING') === token) {
      records.change(arn, { labels: detach(secret.labels, 'AWSPENDING') });
    }
    tools.announce(problem ? 'TestRotationFailed' : 'TestRotationSucceeded', arn, token, problem);
  }

  return {
    begin: (arn, token) => begin(arn, token),
    test(arn, token) {
      const { versions, labels, name } = records.get(arn);
      const current = versions[holderOf(labels, 'AWSCURRENT') ?? ''];
      records.change(arn, {
        versions: { ...versions, [token]: { ...current, createdAt: virtual.now() } },
        labels: attach(labels, 'AWSPENDING', token),
      });
      virtual.schedule(virtual.now(), `test of rotation of ${name}`, () => runTest(arn, token));
    },
    plan,
    abandon(arn, token) {
      running.delete(arn);
      forget(retries, arn);
      tools.announce('RotationAbandoned', arn, token);
    },
    cancel(arn) {
      const token = running.get(arn)?.token;
      running.delete(arn);
      forget(retries, arn);
      forget(windows, arn);
      return token;
    },
    underWay: arn => running.get(arn),
  };
}

function isPending(secret: Secret, token: string): boolean {
  return holderOf(secret.labels, 'AWSPENDING') === token;
}

/** A schedule by expression shows its spacing in days, too. */
function counted(rules: { ScheduleExpression?: string }, days: number): { AutomaticallyAfterDays?: number } {
  return rules.ScheduleExpression ? { AutomaticallyAfterDays: days } : {};
}

function latest(...instants: (Date | undefined)[]): Date | undefined {
  const known = instants.filter(instant => instant !== undefined);
  return known.length ? new Date(Math.max(...known.map(Number))) : undefined;
}
