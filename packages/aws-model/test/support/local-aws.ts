// One model on loopback for a test: virtual time, seeded chance, callers named by their access key, everything allowed unless said.

import type { AuthorizationRequest, Caller, Decision } from '@keyturn/iam/request';
import { VirtualClock } from '../../clock/clock';
import { seededRandom } from '../../clock/random';
import type { Invocation, InvocationResult } from '../../lambda/invocation';
import { type AwsModelParts, createAwsModel } from '../../model';

export const account = '111111111111';
export const region = 'eu-west-1';
export const start = new Date('2026-11-23T00:00:00Z');

export const lambdaArn = (name: string) => `arn:aws:lambda:${region}:${account}:function:${name}`;
export const roleSession = (role: string): Caller => ({
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${role}`,
  kind: 'role',
  sessionName: role,
  sourceIp: '203.0.113.7',
});

export type Handler = (event: never, by: Invocation) => Promise<unknown> | unknown;

type Overrides = Partial<Omit<AwsModelParts, 'virtual' | 'account' | 'region' | 'invokeLambda'>>;

export async function openLocalAws(overrides: Overrides = {}) {
  // Requests take no time: tests say exactly when things happen.
  const clock = new VirtualClock(start, 0);
  const handlers = new Map<string, Handler>();
  const asked: AuthorizationRequest[] = [];
  const rules = { decide: (_request: AuthorizationRequest): Decision => ({ allowed: true }) };
  const model = createAwsModel({
    virtual: clock,
    random: seededRandom(1),
    account,
    region,
    identify: id => (id === 'NOBODY' ? undefined : roleSession(id)),
    authorize(request) {
      asked.push(request);
      return rules.decide(request);
    },
    async invokeLambda(functionArn, event, by): Promise<InvocationResult> {
      try {
        const payload = await handlers.get(functionArn)!(event as never, by);
        return { ok: true, payload };
      } catch (error) {
        return {
          ok: false,
          error: { errorType: (error as Error).name, errorMessage: (error as Error).message },
        };
      }
    },
    ...overrides,
  });
  const { endpoint, close } = await model.listen();
  return {
    model,
    clock,
    asked,
    rules,
    endpoint,
    async close() {
      clock.close();
      await close();
    },
    /** What an unmodified client needs to talk to the model as that role. */
    as: (role: string) => ({
      endpoint,
      region,
      credentials: { accessKeyId: role, secretAccessKey: 'not-checked' },
      maxAttempts: 1,
    }),
    addFunction(name: string, handler: Handler, settings = {}) {
      const policy = JSON.stringify({ Statement: [] });
      const roleArn = `arn:aws:iam::${account}:role/${name}`;
      model.functions.add({ name, arn: lambdaArn(name), roleArn, policy, ...settings });
      handlers.set(lambdaArn(name), handler);
    },
    passMs: (ms: number) => clock.runUntil(new Date(clock.now().getTime() + ms)),
    passUntil: (instant: string) => clock.runUntil(new Date(instant)),
  };
}

export type LocalAws = Awaited<ReturnType<typeof openLocalAws>>;

export const minutes = (count: number) => count * 60_000;
export const hours = (count: number) => count * 3_600_000;
export const days = (count: number) => count * 86_400_000;
