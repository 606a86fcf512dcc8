// The page of a sandbox: its keys, what happens to them, and the incidents, as they are now. It only shows, has no resource from
// elsewhere, and its policy names its one script and its one style by their hashes.
import { createHash } from 'node:crypto';
import { escapeHtml } from '../report/page-text';
import { style } from '../report/report-style';
import type { LiveSections, sectionNames } from './live-sections';

const liveStyle = `
input:focus-visible{outline:3px solid var(--b);outline-offset:2px}
th{position:sticky;top:0;background:var(--paper)}
td.state{font-weight:600;white-space:nowrap}td.state.bad{color:var(--bad)}td.state.busy{color:var(--told)}td.state.good{color:var(--good)}
td.key{font-weight:600}.id{font-family:ui-monospace,monospace;font-size:13px}@media (min-width:900px){td.time{white-space:nowrap}}
label{display:block;margin:0 0 10px}input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:6px;padding:5px 10px;margin-left:8px;width:min(320px,60vw)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:6px 0;font-size:13px}
@media (max-width:640px){td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-weight:400}td.key{display:block}}
`;

const script = `
const token = new URLSearchParams(location.search).get('token');
const shown = {};
const filter = document.getElementById('filter');
const count = document.getElementById('shown');
function applyFilter() {
  const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const rows = [...document.querySelectorAll('#keys tr')];
  for (const row of rows) row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
  const left = rows.filter(row => !row.hidden).length;
  count.textContent = words.length ? left + ' of ' + rows.length + ' keys' : rows.length + ' keys';
}
filter.addEventListener('input', applyFilter);
applyFilter();
async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch('/live', { headers: { authorization: 'Bearer ' + token }, cache: 'no-store' });
      if (!answer.ok) throw new Error(String(answer.status));
      const sections = await answer.json();
      for (const [name, html] of Object.entries(sections)) {
        if (shown[name] === html) continue;
        const section = document.getElementById(name);
        // Someone reads the story of a key there.
        if (section.contains(document.activeElement)) continue;
        shown[name] = html;
        section.innerHTML = html;
        if (name === 'keys') applyFilter();
      }
      document.body.dataset.live = 'yes';
    } catch {
      document.body.dataset.live = 'no';
      delete shown.verdict;
      document.getElementById('verdict').innerHTML = '<p class="verdict bad">The sandbox no longer answers. What you see is how it was last.</p>';
    }
  }
  setTimeout(look, 1000);
}
setTimeout(look, 1000);
`;

const allStyle = `${style}${liveStyle}`;
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  `style-src ${hashOf(allStyle)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function livePage(name: string, environment: string, sections: LiveSections): string {
  const at = (section: (typeof sectionNames)[number]) => `id="${section}"`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Keyturn sandbox: ${escapeHtml(name)}</title><link rel="icon" href="data:,"><style>${allStyle}</style></head><body>
<header><h1>Keyturn sandbox: ${escapeHtml(environment)}</h1>
<p class="lead">A rehearsed account on this machine. Every key is fake. This page only shows; <code>keyturn sandbox --help</code> lists what you can do.</p></header>
<main>
<div role="status" ${at('verdict')}>${sections.verdict}</div>
<dl ${at('figures')}>${sections.figures}</dl>
<section aria-labelledby="keys-head"><h2 id="keys-head">Keys</h2>
<label>Find a key<input type="search" id="filter" autocomplete="off"> <span class="lead" id="shown" role="status"></span></label>
<div class="scroll" tabindex="0" role="region" aria-label="Table of keys"><table><thead><tr><th scope="col">Key</th><th scope="col">State</th><th scope="col">Current key</th><th scope="col">Since (UTC)</th><th scope="col">Older key</th></tr></thead><tbody ${at('keys')}>${sections.keys}</tbody></table></div></section>
<section aria-labelledby="incidents-head"><h2 id="incidents-head">Incidents</h2><div ${at('incidents')}>${sections.incidents}</div></section>
<section aria-labelledby="timeline-head"><h2 id="timeline-head">Timeline</h2>
<div ${at('picture')}>${sections.picture}</div>
<table><tbody ${at('events')}>${sections.events}</tbody></table></section>
</main>
<script>${script}</script></body></html>
`;
}
