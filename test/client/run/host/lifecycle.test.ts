// Which process lives when, told by transitions alone: no process runs, and no time passes by itself.
import {
  type HostOutput,
  type HostState,
  newHostState,
  type Timer,
} from '../../../../client/run/host/host-state';
import { createLifecycle } from '../../../../client/run/host/lifecycle';

const limits = { startMs: 30_000, drainMs: 300_000, stopMs: 2_000, restartMs: [0, 500] };
const launchOf = (versions: string) => ({ env: {}, versions });

/** A host whose processes, keys and timers a test plays. */
function openHost(parts: { stopFirst?: boolean; known?: 'no' | 'soon' | 'yes' } = {}) {
  const did: string[] = [];
  const timers = new Map<Timer, number>();
  const said: string[] = [];
  const seen = { known: parts.known ?? 'yes', time: 0, isBusy: false };
  const state: HostState = newHostState(launchOf('one'), parts.stopFirst ? 'yes' : 'unknown');
  const out: HostOutput = {
    now: () => seen.time,
    readKeys: () => did.push('read'),
    start(process, { versions }) {
      did.push(`start ${process} with ${versions}`);
      // Without a predecessor and a session the relay has nothing to wait for.
      if (state.active === undefined && seen.known === 'no') lifecycle.switched(process, undefined);
    },
    stop: process => did.push(`stop ${process}`),
    leave(process) {
      did.push(`leave ${process}`);
      if (!seen.isBusy) lifecycle.drained(process);
    },
    comeBack: process => did.push(`back ${process}`),
    expire: process => did.push(`expire ${process}`),
    giveUp: () => did.push('give up'),
    sessionKnown: () => seen.known,
    after: (timer, ms) => timers.set(timer, ms),
    clear: timer => timers.delete(timer),
    say: text => said.push(text),
    onSwitched: process => did.push(`${process} took over`),
    onFailedStart: () => did.push('failed'),
    atRest: () => {},
    finish: code => did.push(`finish ${code}`),
  };
  const lifecycle = createLifecycle(state, limits, out);
  lifecycle.start(launchOf('one'));
  if (state.active === undefined) lifecycle.switched(1, undefined);
  did.splice(0);

  /** A process ends; one that was starting is found unfit by the relay. */
  function end(process: number, code = 1): void {
    const { step } = state;
    lifecycle.ended(process, code, () => {
      if (step.kind === 'starting' && step.process === process) lifecycle.unfit(process, 'it died');
    });
  }
  function fire(timer: Timer): void {
    timers.delete(timer);
    lifecycle.timeIsUp(timer);
  }
  const drain = () => did.splice(0);
  return { ...lifecycle, state, seen, said, timers, end, fire, drain };
}

it('starts the new process beside the old one, and lets the old one drain', () => {
  const host = openHost();
  host.keysChanged('superseded');
  host.keysRead(launchOf('two'));
  host.switched(2, 1);
  expect(host.drain()).toEqual(['read', 'start 2 with two', '2 took over']);
  host.drained(1);
  expect(host.drain()).toEqual(['stop 1']);
});

it('does nothing where the keys are the same', () => {
  const host = openHost();
  host.lookAtKeys();
  host.keysRead(launchOf('one'));
  expect(host.drain()).toEqual(['read']);
});

describe('a superseded process', () => {
  function superseded() {
    const host = openHost();
    host.lookAtKeys();
    host.keysRead(launchOf('two'));
    host.switched(2, 1);
    host.drain();
    return host;
  }

  it('may take as long as its keys work', () => {
    expect([...superseded().timers.keys()]).toEqual([]);
  });

  it('has a while from when they have ended, however often that is seen', () => {
    const host = superseded();
    host.keysEnded(1);
    expect(host.timers.get(1)).toBe(limits.drainMs);
    host.timers.delete(1);
    host.keysEnded(1);
    expect(host.timers.has(1)).toBe(false);
    host.fire(1);
    expect(host.drain()).toEqual(['expire 1', 'stop 1']);
  });
});

describe('before the client has spoken, when nothing proves that a process is ready', () => {
  it('leaves a process that works alone, says so once, and replaces it afterwards', () => {
    const host = openHost({ known: 'no' });
    host.keysChanged('superseded');
    host.keysChanged('superseded');
    expect(host.drain()).toEqual([]);
    expect(host.said).toHaveLength(1);
    host.seen.known = 'yes';
    host.readIfNeeded();
    expect(host.drain()).toEqual(['read']);
  });

  it('waits for the end of the handshake even where the key has ended', () => {
    const host = openHost({ known: 'soon' });
    host.keysChanged('expiring');
    expect(host.drain()).toEqual([]);
  });

  it.each([{ stopFirst: true }, { hasEnded: true }])(
    'stops it first where that is told or nothing is lost, and goes back where the new one dies: %j',
    ({ stopFirst = false, hasEnded = false }) => {
      const host = openHost({ known: 'no', stopFirst });
      host.keysChanged(hasEnded ? 'expiring' : 'superseded');
      host.keysRead(launchOf('two'));
      expect(host.drain()).toEqual(['read', 'leave 1', 'stop 1']);
      host.end(1, 0);
      expect(host.drain()).toEqual(['start 2 with two', '2 took over']);
      host.end(2, 1);
      expect(host.drain()).toEqual(['failed', 'start 3 with one']);
      expect(host.timers.get('retry')).toBe(5_000);
    },
  );
});

describe('a server that cannot run twice', () => {
  it('is found out by two failures beside its predecessor, and tried alone', () => {
    const host = openHost();
    host.keysChanged('superseded');
    for (const process of [2, 3]) {
      host.keysRead(launchOf('two'));
      host.end(process);
      host.fire('retry');
    }
    expect(host.said.at(-1)).toContain('the next attempt follows after the old one has ended');
    host.drain();
    host.keysRead(launchOf('two'));
    host.end(1, 0);
    host.switched(4, undefined);
    expect(host.drain()).toEqual(['leave 1', 'stop 1', 'start 4 with two', '4 took over']);
    expect(host.said.at(-1)).toContain('`--stop-first`');
    // From then on it is known.
    host.keysChanged('superseded');
    host.keysRead(launchOf('three'));
    expect(host.drain()).toEqual(['read', 'leave 4', 'stop 4']);
  });

  it('is tried alone after the first failure where the old key has ended', () => {
    const host = openHost();
    host.keysChanged('expiring');
    host.keysRead(launchOf('two'));
    host.end(2);
    host.fire('retry');
    host.drain();
    host.keysRead(launchOf('two'));
    expect(host.drain()).toEqual(['leave 1', 'stop 1']);
  });

  it('does not start the old process again before the failed one has ended', () => {
    const host = openHost({ stopFirst: true });
    host.keysChanged('superseded');
    host.keysRead(launchOf('two'));
    host.end(1, 0);
    host.drain();
    host.unfit(2, 'it was not ready in time');
    expect(host.drain()).toEqual(['stop 2', 'failed']);
    host.end(2);
    expect(host.drain()).toEqual(['start 3 with one']);
  });

  it('takes requests again where it is too busy to leave, and leaves all the same when patience is over', () => {
    const host = openHost({ stopFirst: true });
    host.seen.isBusy = true;
    host.keysChanged('superseded');
    host.keysRead(launchOf('two'));
    expect(host.timers.get('leave')).toBe(2_000);
    host.fire('leave');
    expect(host.drain()).toEqual(['read', 'leave 1', 'back 1']);
    host.seen.time += limits.drainMs;
    host.fire('retry');
    host.keysRead(launchOf('two'));
    expect(host.timers.get('leave')).toBe(limits.startMs);
    host.fire('leave');
    expect(host.drain()).toEqual(['read', 'leave 1', 'expire 1', 'stop 1']);
  });

  it('starts the new process at once where the old one dies before it has left', () => {
    const host = openHost({ stopFirst: true });
    host.seen.isBusy = true;
    host.keysChanged('superseded');
    host.keysRead(launchOf('two'));
    host.drain();
    host.end(1);
    expect(host.drain()).toEqual(['start 2 with two']);
  });
});

describe('after a failed start', () => {
  function failed() {
    const host = openHost();
    host.keysChanged('superseded');
    host.keysRead(launchOf('two'));
    host.end(2);
    host.drain();
    return host;
  }

  it('waits longer each time, whatever polling finds meanwhile', () => {
    const host = failed();
    const waits = [host.timers.get('retry')];
    for (let attempts = 0; attempts < 5; attempts++) {
      host.keysChanged('superseded');
      expect(host.drain()).toEqual([]);
      host.fire('retry');
      host.keysRead(launchOf('two'));
      const { step, started } = host.state;
      if (step.kind === 'stopping') host.end(step.process, 0);
      host.end(step.kind === 'stopping' ? started + 1 : started);
      waits.push(host.timers.get('retry'));
      // One with the old keys has taken its place again.
      if (host.state.active === undefined) host.switched(host.state.started, undefined);
      host.drain();
    }
    expect(waits).toEqual([5_000, 15_000, 45_000, 135_000, 300_000, 300_000]);
  });

  it('looks at once where the old key ends, or somebody asks for it', () => {
    const host = failed();
    host.keysChanged('expiring');
    expect(host.drain()).toEqual(['read']);
    const other = failed();
    other.lookAtKeys();
    expect(other.drain()).toEqual(['read']);
  });
});

it('reads the keys once where polling finds them changed while a process starts', () => {
  const host = openHost();
  host.keysChanged('superseded');
  host.keysChanged('superseded');
  host.keysRead(launchOf('two'));
  host.keysChanged('superseded');
  host.switched(2, 1);
  expect(host.drain()).toEqual(['read', 'start 2 with two', '2 took over']);
});

test.each([
  [60_000, ['give up', 'finish 5']],
  [60_001, []],
])('after two deaths, a third process that dies after %i ms: %j', (ranMs, did) => {
  const host = openHost();
  host.state.hasSpoken = true;
  for (const process of [1, 2]) {
    host.end(process, 5);
    host.fire('retry');
    host.keysRead(launchOf('one'));
    host.switched(process + 1, undefined);
  }
  host.drain();
  host.seen.time += ranMs;
  host.end(3, 5);
  expect(host.drain()).toEqual(did);
  // As after the first death.
  expect(host.timers.get('retry')).toBe(did.length ? undefined : limits.restartMs[0]);
});
