// A virtual clock that follows a wall which the test moves.
import { createServer } from 'node:http';
import { VirtualClock } from '@keyturn/aws-model/clock/clock';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import { followWall, type Pace } from '../../../rehearsal/sandbox/pace';

const start = Date.parse('2027-01-01T00:00:00Z');
let wall = 0;
let clock: VirtualClock;
let pace: Pace;
const failures: unknown[] = [];
let changes = 0;

function begin(speed: number) {
  pace = followWall({
    clock,
    speed,
    wall: () => wall,
    onFailure: error => failures.push(error),
    onChange: () => {
      changes++;
    },
  });
}

/** Until the loop has seen where the wall stands. */
async function passed(ms: number): Promise<void> {
  wall += ms;
  const at = start + clockAt(wall);
  while (clock.now().getTime() < at) await new Promise(resolve => setTimeout(resolve, 2));
}
let clockAt = (ms: number) => ms;

beforeEach(() => {
  wall = 0;
  failures.length = 0;
  changes = 0;
  clockAt = ms => ms;
  clock = new VirtualClock(new Date(start));
});
afterEach(async () => {
  await pace.stop();
  clock.close();
});

test('at 1x the clock stands where the wall does, and at 60x it is sixty times as far', async () => {
  begin(1);
  await passed(5_000);
  expect(clock.now().getTime()).toBe(start + 5_000);
  pace.setSpeed(60);
  clockAt = ms => 5_000 + (ms - 5_000) * 60;
  await passed(1_000);
  expect(clock.now().getTime()).toBe(start + 65_000);
  expect(changes).toBe(1);
});

test('what is planned is played at its time, and not before', async () => {
  begin(1);
  const played: number[] = [];
  for (const at of [1_000, 1_001])
    clock.schedule(new Date(start + at), 'test', () => void played.push(clock.now().getTime() - start));
  await passed(1_000);
  expect(played).toEqual([1_000]);
  await passed(1);
  expect(played).toEqual([1_000, 1_001]);
});

test('advancing plays everything on the way, resolves when it is there, and the wall goes on from there', async () => {
  begin(1);
  let ticks = 0;
  const tick = () => {
    ticks++;
    clock.schedule(new Date(clock.now().getTime() + 3_600_000), 'tick', tick);
  };
  clock.schedule(new Date(start + 3_600_000), 'tick', tick);
  await pace.advance(24 * 3_600_000);
  expect(ticks).toBe(24);
  expect(clock.now().getTime()).toBe(start + 24 * 3_600_000);
  clockAt = ms => 24 * 3_600_000 + ms;
  await passed(500);
  expect(clock.now().getTime()).toBe(start + 24 * 3_600_000 + 500);
});

test('it stops where it stands, and not where it would have caught up', async () => {
  begin(1);
  let ticks = 0;
  let stopped: Promise<void> | undefined;
  const tick = () => {
    if (++ticks === 3) stopped = pace.stop();
    clock.schedule(new Date(clock.now().getTime() + 3_600_000), 'tick', tick);
  };
  clock.schedule(new Date(start + 3_600_000), 'tick', tick);
  await pace.advance(24 * 3_600_000);
  await stopped;
  expect(ticks).toBe(3);
});

test('the clock waits for what works, and catches up', async () => {
  begin(1);
  let done = () => {};
  const waiting = new Promise<void>(resolve => {
    done = resolve;
  });
  const working = clock.work(() => waiting);
  clock.schedule(new Date(start + 1_000), 'test', () => {});
  wall += 10_000;
  await new Promise(resolve => setTimeout(resolve, 60));
  expect(clock.now().getTime()).toBeLessThan(start + 10_000);
  done();
  await working;
  await passed(0);
  expect(clock.now().getTime()).toBe(start + 10_000);
});

test('what fails is told, and time goes on', async () => {
  begin(1);
  clock.schedule(new Date(start + 10), 'what fails', () => {
    throw new Error('planted');
  });
  await passed(20);
  expect(failures.map(error => (error as Error).message)).toEqual(['planned work failed: what fails']);
  await passed(20);
  expect(clock.now().getTime()).toBe(start + 40);
});

test('requests never move the clock past the wall, nor past what is planned', async () => {
  begin(1);
  const server = createServer((_, reply) => void reply.end());
  const port = await listenOnLoopback(server);
  const times: number[] = [];
  const call = async () => {
    await (await fetch(`http://127.0.0.1:${port}`)).text();
    times.push(clock.now().getTime() - start);
  };
  try {
    for (let n = 0; n < 5; n++) await call();
    expect(times).toEqual([0, 0, 0, 0, 0]);
  } finally {
    await closeServer(server);
  }
});

test('time does not stand still for a server that is left out', async () => {
  begin(1);
  let answer = () => {};
  const server = createServer((_, reply) => {
    answer = () => void reply.end();
  });
  clock.leaveOut(server);
  const port = await listenOnLoopback(server);
  const answered = fetch(`http://127.0.0.1:${port}`).then(reply => reply.text());
  try {
    clock.schedule(new Date(start + 100), 'test', () => {});
    await passed(1_000);
    expect(clock.now().getTime()).toBe(start + 1_000);
  } finally {
    answer();
    await answered;
    await closeServer(server);
  }
});
