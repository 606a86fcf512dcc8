// A process that dies loses only what it owed, and says so.
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

describe('a process that dies', () => {
  it('leaves one error for each open request, and what comes meanwhile waits for the next process', () => {
    const { world, first } = begun();
    world.say(call(1));
    world.say(call(2));
    world.serve(first);
    world.crash(first);
    world.say(call(3));
    world.say(call(4));
    world.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 4 } });
    const second = world.start();
    world.serveAll(second);
    const answers = world.heard.map(parse).filter(({ id }) => id !== undefined);
    expect(answers).toMatchObject([
      { id: 1 },
      { id: 2, error: { code: -32603 } },
      { id: 3, result: { by: 2 } },
    ]);
    // Nobody knows what the dead process offered.
    expect(world.heard.some(line => line.includes('list_changed'))).toBe(true);
  });

  it('takes back its open questions at the client', () => {
    const { world, first } = begun();
    world.reply(first, { jsonrpc: '2.0', id: 5, method: 'elicitation/create' });
    world.crash(first);
    expect(parse(world.heard.at(-1)!)).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: 5 },
    });
  });

  it('answers what waits with an error once no process will come', () => {
    const { world, first } = begun();
    world.crash(first);
    world.say(call(1));
    world.giveUp();
    expect(world.heard.map(parse)).toMatchObject([{ id: 1, error: { code: -32603 } }]);
  });

  it('is told from one whose time to drain is over: that one still runs, and is heard no more', () => {
    const { world, first } = begun();
    world.say(call(1));
    const second = world.start();
    world.serveAll(second);
    world.expire(first);
    world.reply(first, { jsonrpc: '2.0', id: 1, result: {} });
    expect(world.heard.map(parse).filter(({ id }) => id === 1)).toMatchObject([{ error: {} }]);
  });
});
