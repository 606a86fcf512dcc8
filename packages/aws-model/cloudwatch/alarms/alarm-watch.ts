// When metric alarms are looked at: every minute, but only while another look could find something else. Once all data of
// an alarm have left its range, nothing changes until new data arrive.

import { minuteMs } from '../../clock/time';
import type { Virtual } from '../../clock/virtual';
import { metricId } from '../metrics/metric-store';
import { dimensionRecord } from '../metrics/queries';
import type { MetricAlarm } from './alarm-definition';

export interface AlarmWatch<Watched> {
  add(watched: Watched, alarm: MetricAlarm): void;
  forget(watched: Watched): void;
  /** Looks at it at least until then. */
  wake(watched: Watched, alarm: MetricAlarm, until: number): void;
  /** New data of this metric are visible now. */
  dataArrived(id: string, at: Date): void;
}

const highResolutionMs = 10_000;

export function createAlarmWatch<Watched>(parts: {
  virtual: Virtual;
  evaluateEveryMs(): number;
  evaluationRange(evaluationPeriods: number): number;
  look(watched: Watched): void;
}): AlarmWatch<Watched> {
  const { virtual } = parts;
  /** By the metric's id. */
  const watchers = new Map<string, Map<Watched, MetricAlarm>>();
  const awake = new Map<Watched, { alarm: MetricAlarm; until: number }>();
  let isTicking = false;

  const now = () => virtual.now().getTime();
  const everyMs = ({ alarm }: { alarm: MetricAlarm }) =>
    alarm.periodMs < minuteMs ? highResolutionMs : parts.evaluateEveryMs();

  function tick(): void {
    for (const [watched, waking] of awake) {
      if (now() % everyMs(waking) === 0) parts.look(watched);
      if (now() > waking.until && !isRestless(waking.alarm)) awake.delete(watched);
    }
    isTicking = awake.size > 0;
    if (isTicking) plan();
  }

  function plan(): void {
    const every = Math.min(...[...awake.values()].map(everyMs));
    virtual.schedule(new Date((Math.floor(now() / every) + 1) * every), 'evaluation of alarms', tick);
  }

  function wake(watched: Watched, alarm: MetricAlarm, until: number): void {
    awake.set(watched, { alarm, until: Math.max(until, awake.get(watched)?.until ?? 0) });
    if (isTicking) return;
    isTicking = true;
    plan();
  }

  return {
    wake,
    add(watched, alarm) {
      for (const { MetricStat } of alarm.read.queries) {
        if (!MetricStat) continue;
        const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
        const id = metricId({
          namespace: Namespace,
          name: MetricName,
          dimensions: dimensionRecord(Dimensions),
        });
        watchers.set(id, (watchers.get(id) ?? new Map()).set(watched, alarm));
      }
      wake(watched, alarm, now());
    },
    forget(watched) {
      awake.delete(watched);
      for (const ofMetric of watchers.values()) ofMetric.delete(watched);
    },
    dataArrived(id, at) {
      for (const [watched, alarm] of watchers.get(id) ?? []) {
        const rangeMs = parts.evaluationRange(alarm.evaluationPeriods) * alarm.periodMs;
        wake(watched, alarm, Math.max(at.getTime(), now()) + rangeMs + minuteMs);
      }
    },
  };
}

/** An expression that makes points of its own and asks what time it is can change without data. */
function isRestless({ read }: MetricAlarm): boolean {
  const texts = read.queries.map(({ Expression = '' }) => Expression).join(' ');
  const makesPoints = /\b(TIME_SERIES|FILL)\(/i.test(texts.replace(/\bFILL\(\s*\w+\s*,\s*0\s*\)/gi, ''));
  return makesPoints && /\b(MINUTE|HOUR|DAY|DATE|MONTH|EPOCH)\(/i.test(texts);
}
