// The rehearsal on a terminal: one line an event, and the table at the end.
import type { StoryEvent, Summary } from './story';

export function eventLine({ at, kind, text }: StoryEvent): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')}  ${kind.padEnd(9)}  ${text}`;
}

export function summaryTable(summary: Summary): string {
  const { rotations, requests, iam } = summary;
  const rollWindows = Object.entries(summary.rollWindowMs).map(
    ([provider, ms]) => `${provider} ${(ms / 1000).toFixed(1)} s`,
  );
  const rows: [string, string | number][] = [
    ['simulated', `${summary.simulatedDays} days in ${summary.wallSeconds.toFixed(1)} s`],
    ['keys', `${summary.keys} of ${summary.providers.length} providers`],
    [
      'rotations',
      `${rotations.succeeded} of ${rotations.started} done; ${rotations.failed} failed at first, ${rotations.recovered} of these recovered`,
    ],
    ['old keys proven dead', summary.retired],
    ['requests of MCP servers', `${requests.total}, ${requests.failed} failed`],
    ['orphan keys at providers', summary.orphans],
    ['secrets in any output', summary.secretsInOutput],
    [
      'IAM',
      `${iam.checkedCalls} calls checked, ${iam.denied} denied, ${iam.unusedGrants.length} grants unused, ${iam.excusedGrants} unused with a written reason`,
    ],
    ['AWS calls a rotation', summary.awsCallsPerRotation],
    ['dead window where the provider swaps keys', rollWindows.join(', ') || 'none'],
    ['not understood by the rehearsal', summary.violations.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
