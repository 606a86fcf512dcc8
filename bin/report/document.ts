// A whole HTML document that asks nobody for anything: one style and one script inside it, which its own policy names by their
// hashes, so that nothing that others wrote could ever run in it.
import { createHash } from 'node:crypto';
import { escapeHtml } from './page-text';
import { style } from './style';

export interface HtmlPage {
  html: string;
  /** For whoever serves it; it also stands in the page itself. */
  contentSecurityPolicy: string;
}

export interface PageParts {
  title: string;
  /** HTML of `<body>`. */
  body: string;
  /** Runs after the search. @default - none */
  script?: string;
  /** @default 'none' */
  connectsTo?: "'self'";
}

/** Hides each `[data-row]` that lacks a word of what is looked for, and unfolds what holds the others. */
const search = `
const find = document.getElementById('find');
const found = document.getElementById('found');
const folded = new Map();
function applySearch() {
  if (!find) return;
  find.closest('label').hidden = false;
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const row of document.querySelectorAll('[data-row]')) {
    const text = words.length ? row.textContent.toLowerCase() : '';
    row.hidden = !words.every(word => text.includes(word));
  }
  for (const group of document.querySelectorAll('details')) {
    if (!group.querySelector('[data-row]')) continue;
    if (!folded.has(group)) folded.set(group, group.open);
    const some = group.querySelector('[data-row]:not([hidden])');
    (group.closest('.group') ?? group).hidden = !some;
    if (words.length) group.open = Boolean(some);
    else { group.open = folded.get(group); folded.delete(group); }
  }
  const rows = [...document.querySelectorAll(find.dataset.counts)];
  const left = rows.filter(row => !row.hidden).length;
  const all = rows.length.toLocaleString('en') + (rows.length === 1 ? ' key' : ' keys');
  found.textContent = words.length ? left.toLocaleString('en') + ' of ' + all : all;
}
find?.addEventListener('input', applySearch);
applySearch();
`;

/** @param counts which rows are keys, as a selector */
export function searchField(counts: string): string {
  return `<label class="find" hidden>Find a key<input type="search" id="find" data-counts="${counts}" autocomplete="off"> <span class="lead" id="found" role="status"></span></label>`;
}

export function pageOf({ title, body, script = '', connectsTo }: PageParts): HtmlPage {
  const all = `${search}${script}`;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(all)}`,
    `style-src ${hashOf(style)}`,
    ...(connectsTo ? [`connect-src ${connectsTo}`] : []),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head><body>
${body}
<script>${all}</script></body></html>
`;
  return { html, contentSecurityPolicy: `${policy}; frame-ancestors 'none'` };
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
