// Counts what is done with keys, and reports the counts without making any request wait.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyAddress } from '../../core/key/key-address';
import type { UsageMetric } from '../../core/metrics/usage';

/** What happened with one key since the last report. */
export interface UsageReport {
  address: KeyAddress;
  counts: Partial<Record<UsageMetric, number>>;
}

export interface UsageSink {
  /** Between two reports. 0: as soon as nothing is under way, since the process may be frozen or end at any time. */
  readonly intervalMs: number;
  /** May throw: what it was given is then reported with the next counts. */
  write(reports: UsageReport[], at: Date): void | Promise<void>;
}

export interface Usage {
  /** @param address one object for one key: what is counted for it goes into one report */
  count(address: KeyAddress, metric: UsageMetric, times?: number): void;
  /** Reports what has been counted, where the sink does not wait for more. */
  settle(): void;
  /** Reports everything. */
  flush(): Promise<void>;
}

export function createUsage(sink: UsageSink): Usage {
  let reports = new Map<KeyAddress, UsageReport>();
  let isPlanned = false;
  let hasWarned = false;
  let writing: Promise<void> = Promise.resolve();

  function count(address: KeyAddress, metric: UsageMetric, times = 1): void {
    const { counts } = reports.get(address) ?? begin(address);
    counts[metric] = (counts[metric] ?? 0) + times;
    if (sink.intervalMs && !isPlanned) void flushLater();
  }

  function begin(address: KeyAddress): UsageReport {
    const report = { address, counts: {} };
    reports.set(address, report);
    return report;
  }

  async function flushLater(): Promise<void> {
    isPlanned = true;
    await sleep(sink.intervalMs, undefined, { ref: false });
    isPlanned = false;
    await flush();
  }

  function flush(): Promise<void> {
    const due = [...reports.values()];
    reports = new Map();
    if (due.length) writing = writing.then(() => write(due));
    return writing;
  }

  async function write(due: UsageReport[]): Promise<void> {
    try {
      await sink.write(due, new Date());
    } catch (error) {
      for (const { address, counts } of due) {
        for (const [metric, times] of Object.entries(counts)) count(address, metric as UsageMetric, times);
      }
      if (hasWarned) return;
      hasWarned = true;
      process.emitWarning(
        `Keyturn could not report the usage of keys (${(error as Error).name}); it will try again. Where the role may not call PutMetricData, attach the policy that \`npx keyturn plan\` names.`,
      );
    }
  }

  return {
    count,
    settle: () => {
      if (!sink.intervalMs && reports.size) void flush();
    },
    flush,
  };
}
