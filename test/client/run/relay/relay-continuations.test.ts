// What a client comes back to, and that only the process can go on with that began it.
import { createWorld, parse, type WorldServer } from './relay-world';

type World = ReturnType<typeof createWorld>;

function begun(): { world: World; first: WorldServer } {
  const world = createWorld();
  const first = world.start();
  world.handshake(first);
  return { world, first };
}

const call = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo' },
});

describe('a form behind a URL', () => {
  const complete = {
    jsonrpc: '2.0',
    method: 'notifications/elicitation/complete',
    params: { elicitationId: 'f1' },
  };
  const start: Record<string, (world: World, first: WorldServer) => void> = {
    'that the server asks to open': (world, first) => {
      const params = { mode: 'url', url: 'https://x', elicitationId: 'f1' };
      world.reply(first, { jsonrpc: '2.0', id: 0, method: 'elicitation/create', params });
      world.say({ jsonrpc: '2.0', id: 0, result: { action: 'accept' } });
    },
    'without which a request is refused': (world, first) => {
      world.say(call(1));
      const error = { code: -32042, message: 'open', data: { elicitations: [{ elicitationId: 'f1' }] } };
      world.reply(first, { jsonrpc: '2.0', id: 1, error });
    },
  };

  it.each(Object.keys(start))('%s keeps its process until it is filled in', name => {
    const { world, first } = begun();
    start[name]!(world, first);
    const second = world.start();
    world.serveAll(second);
    world.serveAll(first);
    expect(first.alive).toBe(true);
    world.reply(first, complete);
    expect(world.heard.map(parse)).toContainEqual(complete);
    expect(first.alive).toBe(false);
  });
});

it('lets a process go whose task has lived as long as it said', () => {
  const { world, first } = begun();
  world.say({ ...call(1), params: { name: 'research', task: {} } });
  const task = { taskId: 't1', status: 'working', ttl: 3_600_000 };
  world.reply(first, { jsonrpc: '2.0', id: 1, result: { task } });
  const second = world.start();
  world.serveAll(second);
  world.serveAll(first);
  world.pass(3_599_999);
  expect(first.alive).toBe(true);
  world.pass(1);
  expect(first.alive).toBe(false);
});

it('asks for a task where it runs, and lets that process live until the result is fetched', () => {
  const { world, first } = begun();
  world.say({ ...call(1), params: { name: 'research', task: {} } });
  world.reply(first, { jsonrpc: '2.0', id: 1, result: { task: { taskId: 't1', status: 'working' } } });
  first.inbox.splice(0);
  const second = world.start();
  world.serveAll(second);
  world.serveAll(first);
  world.say({ jsonrpc: '2.0', id: 2, method: 'tasks/get', params: { taskId: 't1' } });
  expect(parse(first.inbox.at(-1)!).id).toBe(2);
  world.serveAll(first);
  expect(first.alive).toBe(true);
  world.say({ jsonrpc: '2.0', id: 3, method: 'tasks/result', params: { taskId: 't1' } });
  world.serveAll(first);
  expect(world.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
});
