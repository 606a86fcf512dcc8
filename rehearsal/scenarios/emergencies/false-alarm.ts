// A batch job that somebody moved into the night: nothing has leaked, and the alarm on odd hours has its key replaced all the
// same. The job, and whoever else uses that server, must not notice.
import { shortName } from '../../../core/key/key-address';
import { minuteMs } from '../../../core/time';
import type { Counted } from '../../report/story';
import type { McpLoad } from '../../servers/mcp-load';
import { makeFirstKeys } from '../parts/first-keys';
import { incidentsOf, mailOf } from '../parts/incidents';
import { aLeakableKey, all, automaticContainment, businessHours } from '../parts/needs';
import type { Scenario } from '../scenario';
import { leakedKey, nightIn } from './leak';

const callsEveryMs = 5_000;
const jobMinutes = 20;

export const falseAlarm: Scenario = {
  name: 'false-alarm',
  about: 'a batch job at night causes the replacement of a key that no one stole',
  days: 2,
  needs: all(automaticContainment, businessHours, aLeakableKey),
  holds: ({ response, outcome, failedRequests, duringTheJob }) =>
    response === 'replace-first' &&
    outcome === 'contained' &&
    failedRequests === 0 &&
    (duringTheJob as { run: Counted }).run.total > 0,

  async play(context, end) {
    const { world, ledger, findings } = context;
    const { clock } = world;
    await makeFirstKeys(context);
    const load = await context.startLoad(end);
    await clock.runUntil(nightIn(1, clock.now()));
    const { server, key } = leakedKey(context);
    ledger.tell('fault', `a batch job of ${server.name} was moved into the night; nothing has leaked`);
    const before = counts(load);
    load.callEvery(callsEveryMs, server, jobMinutes * minuteMs);
    await clock.runUntil(new Date(clock.now().getTime() + (jobMinutes + 10) * minuteMs));
    const after = counts(load);
    const incident = incidentsOf(context).find(
      ({ address }) => shortName(address) === shortName(key.address),
    );
    const decided = incident?.steps.find(({ what }) => what === 'decided');
    await clock.runUntil(end);
    Object.assign(findings, {
      signal: incident && 'signal' in incident.cause ? incident.cause.signal : undefined,
      response: decided?.what === 'decided' ? decided.response : undefined,
      outcome: incident?.outcome,
      duringTheJob: {
        client: difference(after.client, before.client),
        run: difference(after.run, before.run),
      },
      failedRequests: load.failures.length,
      told: mailOf(context).map(({ subject }) => subject),
    });
  },
};

function counts({ lanes: { client, run } }: McpLoad): { client: Counted; run: Counted } {
  return {
    client: { total: client.total, failed: client.failures.length },
    run: { total: run.total, failed: run.failures.length },
  };
}

function difference(after: Counted, before: Counted): Counted {
  return { total: after.total - before.total, failed: after.failed - before.failed };
}
