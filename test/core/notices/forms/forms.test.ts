// Every message, in every form: it validates against the published schema and stays within the limits of those who show it, also
// where others wrote what is in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { mailWidth } from '../../../../core/notices/forms/mail';
import { chatOf, messageOf } from '../../../../core/notices/forms/message';
import { inRunbook, type Notice, subjectOf } from '../../../../core/notices/notice';
import { keyturnCommand } from '../../../../core/text/step';
import { makers, samples } from '../samples';

const schema = JSON.parse(readFileSync(join(__dirname, '../../../../docs/notice.schema.json'), 'utf8'));
const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
const validate = ajv.compile(schema);
/** https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html */
const isChat = ajv.compile({
  type: 'object',
  required: ['version', 'source', 'content'],
  additionalProperties: false,
  properties: {
    version: { const: '1.0' },
    source: { const: 'custom' },
    id: { type: 'string' },
    content: {
      type: 'object',
      required: ['description'],
      additionalProperties: false,
      properties: {
        textType: { const: 'client-markdown' },
        title: { type: 'string' },
        description: { type: 'string' },
        nextSteps: { type: 'array', items: { type: 'string' } },
        keywords: { type: 'array', items: { type: 'string' } },
      },
    },
    metadata: {
      type: 'object',
      additionalProperties: false,
      properties: {
        threadId: { type: 'string' },
        summary: { type: 'string' },
        eventType: { type: 'string' },
        relatedResources: { type: 'array', items: { type: 'string' } },
        additionalContext: { type: 'object' },
      },
    },
  },
});

const hostile = `<!channel> <https://evil.example|click> **bold** \`rm -rf\` [link](https://evil.example) | cell\n# head\r\n\u202Eevil @here $(id) ' ${'x'.repeat(4000)}`;
const runbook = 'https://wiki.example.com/keyturn';
const all = (words?: string) => Object.values(samples(words)).flat();
const inAllPlaces: [string, Notice[]][] = [
  ['as they are', all()],
  ['with hostile words of others', all(hostile)],
  ['with the runbook where the team keeps it', all().map(notice => inRunbook(notice, runbook))],
];

test('no kind of message is left out', () => {
  expect(Object.keys(samples()).sort()).toEqual([...makers].sort());
  for (const [maker, made] of Object.entries(samples())) expect([maker, made.length]).not.toEqual([maker, 0]);
});

describe.each(inAllPlaces)('%s', (_, notices) => {
  test.each(notices.map(notice => [notice.headline.slice(0, 80), notice] as const))('%s', (_, notice) => {
    const message = messageOf(notice);
    validate(JSON.parse(JSON.stringify(message)));
    expect(validate.errors ?? []).toEqual([]);
    isChat(chatOf(notice));
    expect(isChat.errors ?? []).toEqual([]);
    // Teams refuses larger ones; SNS takes 256 KB of all forms together.
    expect(Buffer.byteLength(JSON.stringify(message.teams))).toBeLessThan(28 * 1024);
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(message)))).toBeLessThan(200 * 1024);
    expect(subjectOf(notice)).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
  });
});

test('a mail has lines that fit, but for words and commands that do not', () => {
  const long = all()
    .flatMap(notice => messageOf(notice).text.split('\n'))
    .filter(
      line =>
        line.length > mailWidth && line.trim().includes(' ') && !/^ {6}(npx|aws) |^\S+: +\S+$/.test(line),
    );
  expect(long).toEqual([]);
});

test('a mail is text: no Markdown, no table, and nothing that is a link of others', () => {
  for (const notice of all(hostile)) {
    const { text } = messageOf(notice);
    expect(text).not.toMatch(/^(#|\|)/m);
    expect(text).not.toContain('https://evil');
    expect(text).not.toContain('\u202E');
  }
});

test('what one message began, PagerDuty resolves with another of the same key', () => {
  const [alive] = samples().aliveAgainNotice!;
  const [dead] = samples().deadAfterAllNotice!;
  expect(messageOf(alive!).pagerDuty).toMatchObject({ event_action: 'trigger', dedup_key: alive!.about });
  expect(messageOf(dead!).pagerDuty).toMatchObject({ event_action: 'resolve', dedup_key: alive!.about });
});

test('every command can be pasted: a shell takes what others wrote as one word', () => {
  expect(keyturnCommand('proof', 'key-1', '--env', 'prod')).toBe('npx keyturn proof key-1 --env prod');
  expect(keyturnCommand('proof', "a'; $(id) `id`")).toBe("npx keyturn proof 'a'\\''; $(id) `id`'");
  const commands = all(hostile).flatMap(({ next }) => next.flatMap(({ command }) => command ?? []));
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) expect(command).toMatch(/^(npx keyturn|aws) /);
});

test('the runbook is a link where the team says where it is, and a name where it does not', () => {
  const [notice] = samples().refusedNotice!;
  expect(messageOf(notice!)).toMatchObject({ runbook: 'docs/runbook.md#refused' });
  for (const each of samples().incidentNotice!) {
    const told = messageOf(inRunbook(each, runbook));
    expect(told.report).toContain(`Runbook: ${told.runbook}`);
    expect(told.runbook).toMatch(/^https:\/\/wiki\.example\.com\/keyturn#[a-z-]+$/);
  }
  const linked = messageOf(inRunbook(notice!, runbook));
  const link = `${runbook}#refused`;
  expect(linked.text).toContain(`Runbook: ${link}`);
  expect(JSON.stringify(linked.slack)).toContain(`<${link}|Runbook>`);
  expect(linked.teams).toMatchObject({ attachments: [{ content: { actions: [{ url: link }] } }] });
  expect(linked.pagerDuty).toMatchObject({ links: [{ href: link }] });
});
