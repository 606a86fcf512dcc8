// What the key broker adds to a call, and to the events of a stream: beside the same calls without it, in the same run.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { openBrokerSetup } from '../test/client/broker/support/broker-setup';

export interface BrokerBench {
  calls: number;
  /** Milliseconds. */
  callP50: { direct: number; broker: number; added: number };
  events: number;
  /** From the provider's write to the client's read. Milliseconds. */
  eventLagP50: { direct: number; broker: number };
  eventLagMost: { direct: number; broker: number };
}

type Way = 'direct' | 'broker';
const ways: readonly Way[] = ['direct', 'broker'];

export async function benchBroker(calls = 500, events = 100): Promise<BrokerBench> {
  const setup = await openBrokerSetup();
  const { provider, broker, current } = setup;
  provider.answer = (asked, response) =>
    asked.url === '/events' ? void stream(response, events) : response.end('{}');
  const agents: Record<Way, Agent> = {
    direct: new Agent({
      keepAlive: true,
      ca: provider.trusted,
      lookup: (_host, options, done) =>
        options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    }),
    broker: new HttpsProxyAgent(String(broker.env.HTTPS_PROXY), { keepAlive: true }),
  };
  const keys: Record<Way, string> = { direct: current.secret, broker: await setup.placeholder('grafana') };
  const ask = (way: Way, path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${keys[way]}` };
      const trust = way === 'broker' ? { ca: broker.certificate } : {};
      request(`https://${provider.host}${path}`, { agent: agents[way], headers, ...trust }, resolve)
        .on('error', reject)
        .end();
    });
  try {
    const took: Record<Way, number[]> = { direct: [], broker: [] };
    // In turn, so that both have the same machine.
    for (let n = 0; n < calls; n++) {
      for (const way of ways) {
        const begunAt = performance.now();
        const answer = await ask(way, '/');
        for await (const _ of answer);
        if (answer.statusCode !== 200) throw new Error(`a call by way of ${way} got ${answer.statusCode}`);
        took[way].push(performance.now() - begunAt);
      }
    }
    const lags = {
      direct: await lagsOf(await ask('direct', '/events')),
      broker: await lagsOf(await ask('broker', '/events')),
    };
    const [direct, through] = [p50(took.direct), p50(took.broker)];
    return {
      calls,
      callP50: { direct, broker: through, added: rounded(through - direct) },
      events: lags.broker.length,
      eventLagP50: { direct: p50(lags.direct), broker: p50(lags.broker) },
      eventLagMost: { direct: rounded(Math.max(...lags.direct)), broker: rounded(Math.max(...lags.broker)) },
    };
  } finally {
    for (const agent of Object.values(agents)) agent.destroy();
    await setup.close();
  }
}

async function stream(response: ServerResponse, events: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let n = 0; n < events; n++) {
    response.write(`data: ${performance.now()}\n\n`);
    await sleep(5);
  }
  response.end();
}

async function lagsOf(answer: IncomingMessage): Promise<number[]> {
  const lags: number[] = [];
  for await (const chunk of answer) {
    const now = performance.now();
    for (const [, at] of String(chunk).matchAll(/data: ([\d.]+)\n\n/g)) lags.push(now - Number(at));
  }
  return lags;
}

function p50(times: number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return rounded(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

const rounded = (ms: number) => Math.round(ms * 1_000) / 1_000;
