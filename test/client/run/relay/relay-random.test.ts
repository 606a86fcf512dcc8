// Random interleavings of client, processes, handovers and deaths. Every line carries a mark, so that the end can tell
// whether something was lost, doubled, answered by a stranger, or overtaken.
import { fc } from '../../../support/fast-check';
import { type Json, parse, type RelayServer, setUpRelay } from './relay-setup';

const act = fc.tuple(
  fc.constantFrom(
    'request',
    'request',
    'cancel',
    'serve',
    'serve',
    'serve',
    'log',
    'ask',
    'answer',
    'handover',
    'handover',
    'settle',
    'crash',
    'expire',
  ),
  fc.nat({ max: 7 }),
);

function play(acts: [string, number][]) {
  const setup = setUpRelay();
  const first = setup.start();
  setup.handshake(first);
  const sent: number[] = [];
  const cancelled = new Set<number>();
  const questions = new Map<string, { server: number; at: number }>();
  const answersBack: { server: number; at: number; id: unknown }[] = [];
  let died = false;
  let marks = 0;
  let heardTo = 0;

  const alive = () => setup.servers.filter(server => server.alive);
  const pick = <T>(list: T[], n: number): T | undefined => list[n % list.length];
  const switchedTo = () => setup.events.filter(event => event.kind === 'switched').at(-1)!.to;

  /** A process reads its inbox in order, and answers whichever open request it likes. */
  const open = new Map<RelayServer, string[]>();
  function take(server: RelayServer): void {
    for (const line of server.inbox.splice(0)) {
      const { id, method, result } = parse(line);
      if (method === undefined) answersBack.push({ server: server.id, at: Number(result!.at), id });
      else if (id !== undefined) open.set(server, [...(open.get(server) ?? []), line]);
    }
  }
  function serve(server: RelayServer, n: number): void {
    take(server);
    const lines = open.get(server) ?? [];
    const [line] = lines.splice(n % Math.max(1, lines.length), 1);
    if (line) setup.serve(Object.assign(server, { inbox: [line] }));
  }
  function listen(): Json[] {
    const fresh = setup.heard.slice(heardTo).map(parse);
    heardTo = setup.heard.length;
    return fresh;
  }
  function answerOne(n: number): void {
    const [shown] = pick([...questions], n) ?? [];
    if (shown === undefined) return;
    const { at } = questions.get(shown)!;
    questions.delete(shown);
    setup.say(`{"jsonrpc":"2.0","id":${shown},"result":{"at":${at}}}`);
  }
  function hear(): void {
    for (const { id, method, params } of listen()) {
      const shown = JSON.stringify(id);
      if (method === 'sampling/createMessage') {
        expect(questions.has(shown)).toBe(false);
        questions.set(shown, { server: Number(params!.server), at: Number(params!.mark) });
      }
      if (method === 'notifications/cancelled') questions.delete(JSON.stringify(params!.requestId));
    }
  }

  const perform: Record<string, (n: number) => void> = {
    request: () => {
      sent.push(sent.length + 1);
      setup.say({ jsonrpc: '2.0', id: sent.length, method: 'tools/call', params: {} });
    },
    cancel: n => {
      const id = pick(sent, n);
      if (id === undefined || setup.heard.some(line => parse(line).id === id)) return;
      cancelled.add(id);
      setup.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    },
    serve: n => {
      const server = pick(alive(), n);
      if (server) serve(server, n);
    },
    log: n => {
      const server = pick(alive(), n);
      const params = { server: server?.id, mark: ++marks };
      if (server) setup.reply(server, { jsonrpc: '2.0', method: 'notifications/message', params });
    },
    ask: n => {
      const server = pick(alive(), n);
      if (!server) return;
      const params = { server: server.id, mark: ++marks };
      // Every process counts from 0, as SDKs do.
      const id = (asked.get(server.id) ?? -1) + 1;
      asked.set(server.id, id);
      idsOf.set(params.mark, id);
      setup.reply(server, { jsonrpc: '2.0', id, method: 'sampling/createMessage', params });
    },
    answer: answerOne,
    settle: () => {
      const fresh = alive().at(-1);
      if (fresh) take(fresh);
      while (fresh?.alive && open.get(fresh)?.length) serve(fresh, 0);
    },
    handover: () => {
      if (alive().every(({ id }) => id <= switchedTo())) setup.start();
    },
    crash: n => {
      const server = pick(alive(), n);
      if (server) setup.crash(server);
      if (server) died = true;
    },
    expire: n => {
      const server = pick(
        alive().filter(({ id }) => id < switchedTo()),
        n,
      );
      if (!server) return;
      setup.expire(server);
      died = true;
      // It runs on until somebody stops it, and nobody listens any more.
      take(server);
      while (open.get(server)?.length) serve(server, n);
    },
  };
  const asked = new Map<number, number>();
  const idsOf = new Map<number, number>();

  for (const [name, n] of acts) {
    perform[name]!(n);
    hear();
  }
  // In the end a process is there and everybody answers everything.
  if (!alive().length) setup.start();
  for (let rounds = 0; rounds < 40; rounds++) {
    for (const server of alive()) {
      take(server);
      while (server.alive && open.get(server)?.length) serve(server, 0);
    }
    answerOne(0);
    hear();
    if (!alive().some(({ id }) => id === switchedTo())) setup.start();
  }
  return { setup, sent, cancelled, answersBack, idsOf, questions, died };
}

it('answers every request exactly once, keeps the order of each process, and brings answers to whoever asked', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 80 }), acts => {
      const { setup, sent, cancelled, answersBack, idsOf, questions, died } = play(acts);
      const heard = setup.heard.map(parse);
      for (const id of sent) {
        const answers = heard.filter(message => message.id === id && message.method === undefined).length;
        if (cancelled.has(id)) expect(answers).toBeLessThanOrEqual(1);
        else expect(answers).toBe(1);
      }
      if (!died) expect(heard.filter(({ error }) => error)).toEqual([]);
      const marks = new Map<unknown, number[]>();
      for (const { params } of heard) {
        if (params?.mark)
          marks.set(params.server, [...(marks.get(params.server) ?? []), Number(params.mark)]);
      }
      for (const said of marks.values()) expect(said).toEqual([...said].sort((a, b) => a - b));
      expect(questions.size).toBe(0);
      for (const { at, id, server } of answersBack) {
        expect(id).toBe(idsOf.get(at));
        const asking = heard.find(({ params }) => params?.mark === at)!;
        expect(asking.params!.server).toBe(server);
      }
      expect(setup.servers.filter(({ alive }) => alive)).toHaveLength(1);
    }),
    { numRuns: 600 },
  );
});
