// Requests wait while it is not known which process will serve them.
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

describe('while new requests wait', () => {
  it('keeps their order, and lets pass what belongs to earlier ones', () => {
    const { world, first } = begun();
    world.say(call(1));
    world.reply(first, { jsonrpc: '2.0', id: 0, method: 'roots/list' });
    first.inbox.splice(0);
    world.hold();
    world.say(call(2));
    world.say({ jsonrpc: '2.0', method: 'notifications/custom' });
    world.say({ jsonrpc: '2.0', id: 0, result: { roots: [] } });
    world.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    const methods = () => first.inbox.splice(0).map(line => parse(line).method);
    expect(methods()).toEqual([undefined, 'notifications/cancelled']);
    world.goOn();
    expect(methods()).toEqual(['tools/call', 'notifications/custom']);
  });

  it('has a process that must leave first finish, and its successor take what waited', () => {
    const { world, first } = begun();
    world.say(call(1));
    world.leave(first);
    world.say(call(2));
    expect(world.events).toEqual([{ kind: 'switched', to: 1, from: undefined }]);
    world.serveAll(first);
    expect(world.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
    const second = world.start();
    world.serveAll(second);
    expect(world.events.at(-1)).toEqual({ kind: 'switched', to: 2, from: undefined });
    const answers = world.heard.map(parse).filter(({ id }) => id !== undefined);
    expect(answers).toMatchObject([
      { id: 1, result: { by: 1 } },
      { id: 2, result: { by: 2 } },
    ]);
  });

  it('gives them to the old process where it stays after all', () => {
    const { world, first } = begun();
    world.say(call(1));
    world.leave(first);
    world.say(call(2));
    const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
    world.reply(first, changed);
    world.comeBack(first);
    world.serveAll(first);
    expect(world.heard[0]).toBe(changed);
    expect(world.heard.slice(1).map(line => parse(line).id)).toEqual([1, 2]);
    expect(first.alive).toBe(true);
  });
});

it('says whether a fresh process can be asked for proof that it is ready', () => {
  const world = createWorld();
  const first = world.start();
  const known = world.relay.sessionKnown;
  expect(known()).toBe('no');
  world.say({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} });
  expect(known()).toBe('soon');
  world.serve(first);
  expect(known()).toBe('soon');
  world.hold();
  world.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect(known()).toBe('yes');
});
