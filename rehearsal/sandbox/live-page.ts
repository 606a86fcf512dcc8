// The page of a sandbox: its keys as they are now, and what every page about keys shows. It only shows, and asks nobody but the
// sandbox itself.
import { type HtmlPage, pageOf, searchField } from '../../bin/report/document';
import { contents, section, sectionNames } from '../../bin/report/overview';
import { escapeHtml } from '../../bin/report/page-text';
import type { FixedSections, LiveSections } from './live-sections';

const script = `
const token = new URLSearchParams(location.search).get('token');
const shown = {};
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
        applySearch();
      }
      document.body.dataset.live = 'yes';
    } catch {
      document.body.dataset.live = 'no';
      delete shown.verdict;
      document.getElementById('verdict').innerHTML = '<p class="verdict bad">The sandbox no longer answers. You see its last state.</p>';
    }
  }
  setTimeout(look, 1000);
}
setTimeout(look, 1000);
`;

export function livePage(name: string, environment: string, all: LiveSections & FixedSections): HtmlPage {
  const body = `<header><h1>Keyturn sandbox: ${escapeHtml(environment)}</h1>
<p class="lead">A rehearsed account on this machine. Every key is fake. This page only shows it; <code>npx keyturn sandbox --help</code> lists what you can do.</p></header>
<main>
<div role="status" id="verdict">${all.verdict}</div>
<dl id="figures">${all.figures}</dl>
${contents()}${searchField('#keys [data-row]')}
<section aria-labelledby="keys-head"><h2 id="keys-head">Keys</h2>
<div class="scroll keys" tabindex="0" role="region" aria-label="Table of keys"><table><thead><tr><th scope="col">Key</th><th scope="col">State</th><th scope="col">Current key</th><th scope="col">Since (UTC)</th><th scope="col">Older key</th></tr></thead><tbody id="keys">${all.keys}</tbody></table></div></section>
${sectionNames.map(each => section(each, all[each])).join('\n')}
</main>`;
  return pageOf({ title: `Keyturn sandbox: ${name}`, body, script, connectsTo: "'self'" });
}
