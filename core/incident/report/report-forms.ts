// The report of an incident as people read it: Markdown for tickets, and text for terminals and mails.
import { commandText, mailText, markdownText, oneLine, wrapped } from '../../text/safe-text';
import { type Step, stepLines } from '../../text/step';
import type { IncidentReport } from './investigation';

/** @param runbook its section about this, where the team keeps it */
export function reportMarkdown(report: IncidentReport, runbook: string): string {
  const { incidentId, key, cause, outcome, timeline, openQuestions, nextSteps } = report;
  const list = (head: string, lines: readonly string[]) =>
    lines.length ? [`## ${head}`, '', ...lines.map(line => `- ${markdownText(line)}`), ''] : [];
  return [
    `# Incident ${incidentId}: ${markdownText(key)}`,
    '',
    `${markdownText(cause)}. Outcome: ${outcome ?? 'open'}.`,
    '',
    '## Timeline (UTC)',
    '',
    '| When | What |',
    '| --- | --- |',
    ...timeline.map(({ at, text }) => `| ${at} | ${markdownText(text)} |`),
    '',
    ...list('Open questions', openQuestions),
    ...(nextSteps.length ? ['## Next steps', '', ...nextSteps.map(stepMarkdown), ''] : []),
    `Runbook: ${runbook}`,
    '',
  ].join('\n');
}

function stepMarkdown({ text, command }: Step): string {
  return `- ${markdownText(text)}${command ? ` \`${commandText(command)}\`` : ''}`;
}

/** For a terminal, which folds what is too long. */
export function reportTerminalText(report: IncidentReport, runbook: string): string {
  const { incidentId, key, cause, outcome, timeline, openQuestions, nextSteps } = report;
  const list = (head: string, lines: readonly string[]) => (lines.length ? ['', head, ...lines] : []);
  return [
    `Incident ${incidentId}: ${oneLine(key)}`,
    '',
    `Noticed:  ${oneLine(cause)}`,
    `Outcome:  ${outcome ?? 'open'}`,
    `Runbook:  ${runbook}`,
    ...list(
      'Timeline (UTC):',
      timeline.map(({ at, text }) => `  ${secondOf(at)}  ${oneLine(text)}`),
    ),
    ...list(
      'Open questions:',
      openQuestions.map(line => `  - ${oneLine(line)}`),
    ),
    ...list('Next steps:', nextSteps.flatMap(stepLines)),
    '',
  ].join('\n');
}

/** `2027-01-12 03:14:07` */
function secondOf(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

/** What a mail says besides its notice: the timeline, and what is open. @param width in letters */
export function reportText({ timeline, openQuestions }: IncidentReport, width: number): string {
  const list = (head: string, lines: readonly string[]) => (lines.length ? [head, ...lines, ''] : []);
  return [
    ...list(
      'Timeline (UTC):',
      timeline.map(({ at, text }) =>
        wrapped(`  ${secondOf(at)}  ${mailText(text)}`, width, '                       '),
      ),
    ),
    ...list(
      'Open questions:',
      openQuestions.map(line => wrapped(`  - ${mailText(line)}`, width, '    ')),
    ),
  ].join('\n');
}
