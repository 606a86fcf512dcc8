// One page that holds all it needs, for people who have no terminal: nothing is loaded, nothing runs.
import type { AuditReport, Finding, FindingSeverity } from '../../core/audit/finding';
import { ruleOf } from '../../core/audit/rules';
import { htmlText } from '../../core/text/safe-text';
import { findingCounts, lookedInWords } from './audit-text';

const style = `
:root { color-scheme: light dark; --line: #8884; --high: #b3261e; --medium: #8a5a00; --low: #3b5b7a; }
@media (prefers-color-scheme: dark) { :root { --high: #ff8a80; --medium: #ffcc66; --low: #9cc4e8; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
article { border: 1px solid var(--line); border-left: .4rem solid; border-radius: .3rem; padding: .6rem .9rem; margin: .7rem 0; break-inside: avoid; }
article h3 { font-size: 1rem; margin: 0 0 .3rem; }
.high { border-left-color: var(--high); } .medium { border-left-color: var(--medium); } .low { border-left-color: var(--low); }
.severity { font-weight: 700; text-transform: uppercase; font-size: .8rem; margin-right: .5rem; }
.high .severity { color: var(--high); } .medium .severity { color: var(--medium); } .low .severity { color: var(--low); }
ul { margin: .3rem 0; padding-left: 1.2rem; } p { margin: .3rem 0; }
code { font: .9em ui-monospace, monospace; background: #8882; padding: .1em .3em; border-radius: .2em; }
`;

export function auditPage(reports: readonly AuditReport[]): string {
  const names = reports.map(({ environment }) => environment).join(', ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Keyturn audit: ${htmlText(names)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Keyturn audit: ${htmlText(names)}</h1>
${reports.map(section).join('\n')}
</main>
</body>
</html>
`;
}

function section(report: AuditReport): string {
  const { environment, at, findings, notCovered } = report;
  const open = notCovered.map(({ what, why }) => `<li>${htmlText(what)}: ${htmlText(why)}</li>`);
  return `<section>
<h2>${htmlText(environment)}</h2>
<p>${htmlText(findingCounts(findings))}. ${htmlText(lookedInWords(report))} <time datetime="${at.toISOString()}">${at.toISOString().slice(0, 16).replace('T', ' ')} UTC</time></p>
${findings.map(article).join('\n')}
${open.length ? `<details${findings.length ? '' : ' open'}>\n<summary>Not looked at (${open.length})</summary>\n<ul>\n${open.join('\n')}\n</ul>\n</details>` : ''}
</section>`;
}

function article({ rule, severity, subject, keys, evidence, fix }: Finding): string {
  const { title, help } = ruleOf(rule);
  const others = keys.filter(key => key !== subject);
  return `<article class="${severity satisfies FindingSeverity}">
<h3><span class="severity">${severity}</span>${htmlText(title)}: ${htmlText(subject)}</h3>
<p>${htmlText(help)}</p>
<ul>
${evidence.map(line => `<li>${htmlText(line)}</li>`).join('\n')}
</ul>
${others.length ? `<p>Keys: ${others.map(key => `<code>${htmlText(key)}</code>`).join(', ')}</p>` : ''}
<p><strong>Fix:</strong> ${withCode(fix)}</p>
<p><small>Rule <code>${rule}</code></small></p>
</article>`;
}

/** What stands in backticks is a command. */
function withCode(text: string): string {
  return htmlText(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}
