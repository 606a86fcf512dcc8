// The report of an incident as people read it: Markdown for tickets, and text for mails.
import { commandText, mailText, markdownText, wrapped } from '../text/safe-text';
import type { Step } from '../text/step';
import type { Report } from './investigation';

/** @param runbook its section about this, where the team keeps it */
export function reportMarkdown(report: Report, runbook: string): string {
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

/** What a mail says besides its notice: the timeline, and what is open. @param width in letters */
export function reportText({ timeline, openQuestions }: Report, width: number): string {
  const list = (head: string, lines: readonly string[]) => (lines.length ? [head, ...lines, ''] : []);
  return [
    ...list(
      'Timeline (UTC):',
      timeline.map(({ at, text }) =>
        wrapped(
          `  ${at.slice(0, 19).replace('T', ' ')}  ${mailText(text)}`,
          width,
          '                       ',
        ),
      ),
    ),
    ...list(
      'Open questions:',
      openQuestions.map(line => wrapped(`  - ${mailText(line)}`, width, '    ')),
    ),
  ].join('\n');
}
