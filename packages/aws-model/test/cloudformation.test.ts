import { seededRandom } from '../clock/random';
import { Stack, type TakenNames } from '../cloudformation/stack';
import type { Resource } from '../template/assembly';
import { AwsError } from '../wire/aws-error';

/** A named thing; `on` names what it needs. */
function thing(
  logicalId: string,
  { on = [], ...rest }: Partial<Resource> & { on?: string[] } = {},
): Resource {
  return {
    ref: logicalId,
    stack: 'stack',
    region: 'eu-west-1',
    logicalId,
    path: `stack/${logicalId}`,
    type: 'AWS::SNS::Topic',
    properties: { TopicName: logicalId.toLowerCase() },
    metadata: {},
    dependencies: on,
    deletionPolicy: 'Delete',
    updateReplacePolicy: 'Delete',
    ...rest,
  };
}

let log: string[];
let undeletable: string | undefined;
let taken: TakenNames;
const open = (seed = 1) =>
  new Stack(
    'stack',
    {
      create: ({ logicalId }) => void log.push(`+${logicalId}`),
      update: ({ logicalId }) => void log.push(`~${logicalId}`),
      delete({ logicalId }) {
        if (logicalId === undeletable) throw new AwsError('InUse', 'It is in use.');
        log.push(`-${logicalId}`);
      },
    },
    taken,
    seededRandom(seed),
  );

beforeEach(() => {
  log = [];
  undeletable = undefined;
  taken = new Set();
});

const a = thing('A');
const b = thing('B', { on: ['A'] });
const c = thing('C');

describe('creation', () => {
  test('comes in any order that the dependencies allow, and in no other', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 30; seed++) {
      log = [];
      taken = new Set();
      expect((await open(seed).deploy([b, a, c])).status).toBe('CREATE_COMPLETE');
      orders.add(log.join(''));
    }
    expect([...orders].sort()).toEqual(['+A+B+C', '+A+C+B', '+C+A+B']);
  });

  test.each([
    ['Delete', false],
    ['RetainExceptOnCreate', false],
    ['Retain', true],
  ] as const)(
    'that fails is rolled back; what has the policy %s is left behind: %s',
    async (deletionPolicy, isLeft) => {
      const kept = thing('A', { deletionPolicy });
      const stack = open();
      const { status, failures } = await stack.deploy([kept, b], { failAt: 'B' });
      expect(status).toBe('ROLLBACK_COMPLETE');
      expect(failures).toEqual([
        { logicalId: 'B', text: 'AWS::SNS::Topic: Internal failure. (InternalFailure)' },
      ]);
      expect(log).toEqual(isLeft ? ['+A'] : ['+A', '-A']);
      expect([...taken]).toEqual(isLeft ? ['AWS::SNS::Topic a'] : []);
      // The stack has to go before it can be created again.
      await expect(stack.deploy([kept, b])).rejects.toThrow('ROLLBACK_COMPLETE');
      expect((await stack.delete()).status).toBe('DELETE_COMPLETE');
      const again = await stack.deploy([kept, b]);
      expect(again.status).toBe(isLeft ? 'ROLLBACK_COMPLETE' : 'CREATE_COMPLETE');
      if (isLeft) expect(again.failures[0]?.text).toContain("'AWS::SNS::Topic a' already exists");
    },
  );

  test('that cannot be rolled back says what is left', async () => {
    undeletable = 'A';
    expect(await open().deploy([a, b], { failAt: 'B' })).toMatchObject({
      status: 'ROLLBACK_FAILED',
      failures: [{ logicalId: 'B' }, { logicalId: 'A', text: 'AWS::SNS::Topic: It is in use. (InUse)' }],
    });
  });
});

describe('a change', () => {
  test('adds, changes and replaces first, and deletes what is left over last', async () => {
    const stack = open();
    await stack.deploy([a, b, c]);
    log = [];
    const changed = thing('A', { properties: { TopicName: 'a', DisplayName: 'new' } });
    const renamed = thing('C', { properties: { TopicName: 'other' } });
    expect((await stack.deploy([changed, renamed])).status).toBe('UPDATE_COMPLETE');
    expect(log.slice(-1)).toEqual(['-B']);
    expect([...log].sort()).toEqual(['+C', '-B', '-C', '~A']);
  });

  test.each(['Retain', 'RetainExceptOnCreate'] as const)(
    'leaves behind what has the policy %s, with its name',
    async deletionPolicy => {
      const stack = open();
      await stack.deploy([a, thing('K', { deletionPolicy })]);
      await stack.deploy([a]);
      expect(log).not.toContain('-K');
      expect(await stack.deploy([a, thing('K', { deletionPolicy })])).toMatchObject({
        status: 'UPDATE_ROLLBACK_COMPLETE',
        failures: [{ logicalId: 'K' }],
      });
    },
  );

  test('has succeeded even where what is left over cannot be deleted', async () => {
    const stack = open();
    await stack.deploy([a, c]);
    undeletable = 'C';
    expect(await stack.deploy([a])).toMatchObject({
      status: 'UPDATE_COMPLETE',
      failures: [{ logicalId: 'C' }],
    });
  });

  test('that fails is undone', async () => {
    const stack = open();
    await stack.deploy([a]);
    log = [];
    const changed = thing('A', { properties: { TopicName: 'a', DisplayName: 'new' } });
    const added = thing('D', { on: ['A'] });
    const last = thing('E', { on: ['D'] });
    expect((await stack.deploy([changed, added, last], { failAt: 'E' })).status).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    // What was changed becomes what it was, before what is new goes.
    expect(log).toEqual(['~A', '+D', '~A', '-D']);
    expect(stack.deployed).toEqual([a]);
    expect((await stack.deploy([changed, added, last])).status).toBe('UPDATE_COMPLETE');
  });
});

test('a deleted stack takes along what it may, and leaves behind what is to stay', async () => {
  const stack = open();
  await stack.deploy([a, b, thing('K', { deletionPolicy: 'RetainExceptOnCreate' })]);
  log = [];
  expect((await stack.delete()).status).toBe('DELETE_COMPLETE');
  expect(log).toEqual(['-B', '-A']);
  expect([...taken]).toEqual(['AWS::SNS::Topic k']);
});
