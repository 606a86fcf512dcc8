// What an audit found, by rule, worst first.
import { type AuditFinding, type AuditReport, keysBeside } from '../../core/audit/finding';
import { type RuleId, ruleOf } from '../../core/audit/rules';
import { groupedBy } from '../../core/grouped-by';
import { count, escapeHtml, time } from './page-text';

/** An audit, or why there is none. */
export type AuditResult = { report: AuditReport } | { missing: string };

const rulesUnfolded = 6;
const findingsUnfolded = 20;
const ofRuleAtMost = 300;

export function findingList(audited: AuditResult): string {
  if ('missing' in audited) return `<p class="lead">${inCode(audited.missing)}</p>`;
  const { environment, at, findings, notCovered, looked } = audited.report;
  const rules = [...groupedBy(findings, ({ rule }) => rule).values()].map((ofRule, index) =>
    ruleOfFindings(environment, ofRule, index < rulesUnfolded && ofRule.length <= findingsUnfolded),
  );
  const sum = Object.entries(looked).map(([what, n]) => `${n.toLocaleString('en')} ${escapeHtml(what)}`);
  const lookedAt = `<p class="lead">As of ${time(at)} UTC${sum.length ? `; looked at: ${sum.join(', ')}` : ''}.</p>`;
  const missed = notCovered.map(({ what, why }) => `<li>${escapeHtml(what)}: ${escapeHtml(why)}</li>`);
  return `${rules.length ? rules.join('') : '<p>Nothing was found.</p>'}${lookedAt}${missed.length ? `<h3>Not covered</h3><ul>${missed.join('')}</ul>` : ''}`;
}

/** Several environments may be on one page. */
export function idOfRule(environment: string, rule: RuleId): string {
  return `rule-${environment}-${rule}`;
}

function ruleOfFindings(environment: string, findings: readonly AuditFinding[], isUnfolded: boolean): string {
  const [first] = findings;
  if (!first) return '';
  const { title, help } = ruleOf(first.rule);
  const rest = findings.length - ofRuleAtMost;
  return `<details class="finding" id="${idOfRule(environment, first.rule)}"${isUnfolded ? ' open' : ''}><summary><span class="severity ${first.severity}">${first.severity}</span> <strong>${escapeHtml(title)}</strong>: ${count(findings.length, 'finding')}</summary><p class="lead">${escapeHtml(help)} Rule <code>${first.rule}</code>.</p>${findings.slice(0, ofRuleAtMost).map(item).join('')}${rest > 0 ? `<p class="lead">${count(rest, 'more finding')} of this rule ${rest === 1 ? 'is' : 'are'} not on this page; <code>npx keyturn audit --json</code> prints all.</p>` : ''}</details>`;
}

function item({ subject, keys, evidence, fix }: AuditFinding): string {
  const others = keysBeside({ subject, keys });
  const about = others.length ? ` <span class="about">${others.map(escapeHtml).join(', ')}</span>` : '';
  return `<article data-row><h3>${escapeHtml(subject)}</h3>${about}<ul>${evidence.map(text => `<li>${escapeHtml(text)}</li>`).join('')}</ul><p>${inCode(fix)}</p></article>`;
}

/** Commands stand in backticks. */
function inCode(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
