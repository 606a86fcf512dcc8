// The page with the picture: one lane a key, one bar for each key the provider held, from birth to proven death.
import type { KeyLane, Story, StoryEvent } from './story';

const width = 1180;
const left = 250;
const right = 24;
const laneHeight = 34;
const top = 44;

const marks: Partial<Record<StoryEvent['kind'], { color: string; label: string }>> = {
  fault: { color: '#b42318', label: 'provider outage' },
  failed: { color: '#d97706', label: 'rotation failed' },
  recovered: { color: '#059669', label: 'rotation recovered' },
  alarm: { color: '#be123c', label: 'alarm' },
  contained: { color: '#7c3aed', label: 'key contained' },
};

/** A whole HTML document, with no script and no outside resource. */
export function reportPage(story: Story): string {
  const { summary } = story;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Keyturn rehearsal</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:32px auto;max-width:${width}px;color:#1c2430;background:#fff}
h1{font-size:24px;margin:0 0 4px}h2{font-size:17px;margin:32px 0 8px}
.lead{color:#5b6675;margin:0 0 20px}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:10px;margin:0}
dl div{border:1px solid #d9dfe7;border-radius:8px;padding:10px 14px}dt{color:#5b6675;font-size:13px}dd{margin:0;font-size:20px;font-weight:600}
dd.bad{color:#b42318}svg{display:block;width:100%;height:auto;overflow:visible}
table{border-collapse:collapse;width:100%}td{padding:3px 10px 3px 0;vertical-align:top;border-bottom:1px solid #eef1f5}td:first-child{white-space:nowrap;color:#5b6675}
.legend{display:flex;gap:20px;flex-wrap:wrap;color:#5b6675;font-size:13px;margin:8px 0}.legend i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}
</style></head><body>
<h1>Keyturn rehearsal: ${escapeHtml(summary.scenario)}</h1>
<p class="lead">${day(story.start)} to ${day(story.end)}, played in ${summary.wallSeconds.toFixed(1)} s. Every bar is a key that a provider held; where two overlap, both worked.</p>
<dl>${figures(story)}</dl>
<h2>Keys over time</h2>
${picture(story)}
<div class="legend">${legend()}</div>
<h2>What happened</h2>
<table>${notable(story.events)}</table>
</body></html>
`;
}

function figures({ summary: s }: Story): string {
  const rows: [string, string | number, boolean?][] = [
    ['keys', s.keys],
    ['rotations completed', `${s.rotations.succeeded} of ${s.rotations.started}`],
    [
      'failed, then recovered',
      `${s.rotations.recovered} of ${s.rotations.failed}`,
      s.rotations.recovered < s.rotations.failed,
    ],
    ['old keys proven dead', s.retired],
    ['requests of MCP servers', s.requests.total.toLocaleString('en')],
    ['failed requests', s.requests.failed, s.requests.failed > 0],
    ['orphan keys', s.orphans, s.orphans > 0],
    ['secrets in any output', s.secretsInOutput, s.secretsInOutput > 0],
    ['IAM checks', s.iam.checkedCalls.toLocaleString('en')],
    ['denied calls', s.iam.denied, s.iam.denied > 0],
    ['unused grants', s.iam.unusedGrants.length, s.iam.unusedGrants.length > 0],
    ['AWS calls a rotation', s.awsCallsPerRotation],
  ];
  return rows
    .map(([term, value, bad]) => `<div><dt>${term}</dt><dd${bad ? ' class="bad"' : ''}>${value}</dd></div>`)
    .join('');
}

function picture(story: Story): string {
  const span = story.end.getTime() - story.start.getTime();
  const x = (at: Date) =>
    left +
    ((Math.min(at.getTime(), story.end.getTime()) - story.start.getTime()) / span) * (width - left - right);
  const bottom = top + story.lanes.length * laneHeight;
  const months = monthStarts(story).map(at => {
    const name = at.toLocaleDateString('en', { month: 'short', year: 'numeric', timeZone: 'UTC' });
    return `<line x1="${x(at)}" x2="${x(at)}" y1="${top - 12}" y2="${bottom}" stroke="#e3e8ee"/><text x="${x(at) + 4}" y="${top - 16}" fill="#5b6675">${name}</text>`;
  });
  const events = story.events.flatMap(event => {
    const mark = marks[event.kind];
    return mark
      ? `<line x1="${x(event.at)}" x2="${x(event.at)}" y1="${top - 8}" y2="${bottom}" stroke="${mark.color}" stroke-dasharray="3 3" opacity=".7"><title>${escapeHtml(event.text)}</title></line>`
      : [];
  });
  const lanes = story.lanes.map((lane, index) => drawLane(lane, top + index * laneHeight, x, story.end));
  return `<svg viewBox="0 0 ${width} ${bottom + 12}" font-family="system-ui,sans-serif" font-size="12" role="img" aria-label="Life of every key">${months.join('')}${lanes.join('')}${events.join('')}</svg>`;
}

function drawLane(lane: KeyLane, y: number, x: (at: Date) => number, end: Date): string {
  const bars = lane.lives.map((life, index) => {
    const from = x(life.from);
    const color = index % 2 ? '#2563eb' : '#0d9488';
    // Odd and even keys stand a little apart, so that the overlap of two can be seen.
    const barTop = y + (index % 2 ? 14 : 6);
    const length = Math.max(x(life.to ?? end) - from, 2);
    return `<rect x="${from.toFixed(1)}" y="${barTop}" width="${length.toFixed(1)}" height="8" rx="2" fill="${color}"><title>${escapeHtml(`${life.keyId}: ${time(life.from)} to ${life.to ? time(life.to) : 'now'}`)}</title></rect>`;
  });
  return `<line x1="0" x2="${width - right}" y1="${y}" y2="${y}" stroke="#eef1f5"/><text x="0" y="${y + 19}" fill="#1c2430">${escapeHtml(lane.key)}</text>${bars.join('')}`;
}

function legend(): string {
  const bars =
    '<span><i style="background:#0d9488"></i><i style="background:#2563eb"></i>keys in turn</span>';
  return (
    bars +
    Object.values(marks)
      .map(mark => `<span><i style="background:${mark.color};width:3px;height:12px"></i>${mark.label}</span>`)
      .join('')
  );
}

/** Routine rotations are in the picture; the list tells what a person would want to know. */
function notable(events: StoryEvent[]): string {
  const rows = events.filter(event => !['rotated', 'retired'].includes(event.kind));
  return rows.map(event => `<tr><td>${time(event.at)}</td><td>${escapeHtml(event.text)}</td></tr>`).join('');
}

function monthStarts({ start, end }: Story): Date[] {
  const months: Date[] = [];
  for (let month = start.getUTCMonth() + 1; ; month++) {
    const at = new Date(Date.UTC(start.getUTCFullYear(), month, 1));
    if (at > end) return months;
    months.push(at);
  }
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function time(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
