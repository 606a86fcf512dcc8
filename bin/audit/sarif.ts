// SARIF 2.1.0, as code scanning takes it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A viewer shows findings at a
// place in a file; those of keys stand at the configuration, which people change to mend them.
import { createHash } from 'node:crypto';
import type { AuditFinding, AuditReport, FindingSeverity } from '../../core/audit/finding';
import { auditRules, ruleIds, ruleOf } from '../../core/audit/rules';
import { homepage, version } from '../../package.json';

const levels: Record<FindingSeverity, 'error' | 'warning' | 'note'> = {
  high: 'error',
  medium: 'warning',
  low: 'note',
};
/** GitHub sorts by it: from 9.0 critical, 7.0 high, 4.0 medium. */
const scores: Record<FindingSeverity, string> = { high: '8.0', medium: '5.5', low: '2.0' };

/** @param configFile as the command was given it */
export function sarif(reports: readonly AuditReport[], configFile: string): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: reports.map(report => ({
      tool: {
        driver: {
          name: 'Keyturn',
          semanticVersion: version,
          informationUri: homepage,
          rules: ruleIds.map(id => ({
            id,
            name: id.split('-').map(capitalized).join(''),
            shortDescription: { text: auditRules[id].title },
            fullDescription: { text: auditRules[id].help },
            help: { text: `${auditRules[id].help} See docs/audit.md.` },
            defaultConfiguration: { level: levels[ruleOf(id).severity] },
            properties: { 'security-severity': scores[ruleOf(id).severity], tags: ['security'] },
          })),
        },
      },
      automationDetails: { id: `keyturn-audit/${report.environment}/` },
      invocations: [
        {
          executionSuccessful: true,
          endTimeUtc: report.at.toISOString(),
          toolExecutionNotifications: report.notCovered.map(({ what, why }) => ({
            level: 'note',
            message: { text: `Not looked at: ${what} (${why})` },
          })),
        },
      ],
      results: report.findings.map(found => resultOf(report, found, configFile)),
    })),
  };
}

function resultOf({ environment }: AuditReport, found: AuditFinding, configFile: string): object {
  const { rule, severity, subject, keys, evidence, fix } = found;
  const names = keys.length ? keys : [subject];
  return {
    ruleId: rule,
    ruleIndex: ruleIds.indexOf(rule),
    level: levels[severity],
    message: { text: `${subject}: ${ruleOf(rule).title}. ${evidence.join(' ')} Fix: ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(configFile) },
          region: { startLine: 1 },
        },
        logicalLocations: names.map(name => ({ fullyQualifiedName: name, kind: 'resource' })),
      },
    ],
    // The same from audit to audit, whatever the evidence says by then.
    partialFingerprints: { 'keyturnFinding/v1': fingerprint([environment, rule, subject]) },
  };
}

function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Relative, with slashes, and with nothing that a URI must not have. */
function uriOf(file: string): string {
  return file
    .replace(/^\.?[\\/]+/, '')
    .split(/[\\/]/)
    .map(encodeURIComponent)
    .join('/');
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
