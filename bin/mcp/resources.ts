// The same answers as resources, for hosts that let a person attach them: one for each environment and kind, and the runbook's sections.
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
} from '@modelcontextprotocol/server';
import { loadConfig } from '../config/load-config';
import type { AnswerTool, ToolAnswer } from './call';
import { runbookSections } from './runbook';
import { tools } from './tools';

/** Tools whose answer about one environment is a resource. */
const kinds = ['status', 'plan', 'incidents'] as const;

export function addResources(server: McpServer, { config }: { config: string }, answer: AnswerTool): void {
  async function read(
    uri: URL,
    name: string,
    given: object,
    signal: AbortSignal,
    mimeType = 'application/json',
  ) {
    const tool = tools.find(each => each.name === name);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no resource ${uri.href}`);
    const called = await answer(tool, given, signal);
    if (called.isError) throw new ProtocolError(ProtocolErrorCode.InvalidParams, called.text);
    return { called, of: (text: string) => ({ contents: [{ uri: uri.href, mimeType, text }] }) };
  }

  /** None where the configuration cannot be read: the tools say why. */
  const environments = async () => {
    try {
      return (await loadConfig(config)).environments.map(({ name }) => name);
    } catch {
      return [];
    }
  };

  for (const kind of kinds) {
    const title = tools.find(({ name }) => name === kind)?.title ?? kind;
    server.registerResource(
      kind,
      new ResourceTemplate(`keyturn://environments/{environment}/${kind}`, {
        list: async () => ({
          resources: (await environments()).map(environment => ({
            uri: `keyturn://environments/${environment}/${kind}`,
            name: `${environment}-${kind}`,
            title: `${title}: ${environment}`,
            mimeType: 'application/json',
          })),
        }),
        complete: {
          environment: async typed => (await environments()).filter(name => name.startsWith(typed)),
        },
      }),
      {
        title,
        description: `The first page of what the tool \`${kind}\` answers.`,
        mimeType: 'application/json',
      },
      async (uri, { environment }, { mcpReq }) => {
        const { called, of } = await read(uri, kind, { environment }, mcpReq.signal);
        return of(called.text);
      },
    );
  }
  server.registerResource(
    'incident',
    new ResourceTemplate('keyturn://environments/{environment}/incidents/{incidentId}', {
      list: undefined,
      complete: {
        environment: async typed => (await environments()).filter(name => name.startsWith(typed)),
      },
    }),
    { title: 'One incident', description: 'What the tool `incident` answers.', mimeType: 'application/json' },
    async (uri, { environment, incidentId }, { mcpReq }) => {
      const { called, of } = await read(uri, 'incident', { environment, incidentId }, mcpReq.signal);
      return of(called.text);
    },
  );
  server.registerResource(
    'runbook-section',
    new ResourceTemplate('keyturn://runbook/{section}', {
      list: async () => ({
        resources: runbookSections().map(({ section, title }) => ({
          uri: `keyturn://runbook/${section}`,
          name: `runbook-${section}`,
          title: `Runbook: ${title}`,
          mimeType: 'text/markdown',
        })),
      }),
      complete: {
        section: typed =>
          runbookSections().flatMap(({ section }) => (section.startsWith(typed) ? section : [])),
      },
    }),
    { title: 'Section of the runbook', mimeType: 'text/markdown' },
    async (uri, { section }, { mcpReq }) => {
      const { called, of } = await read(uri, 'runbook', { section }, mcpReq.signal, 'text/markdown');
      return of(markdownOf(called));
    },
  );
}

function markdownOf(called: ToolAnswer): string {
  if (called.isError) return called.text;
  const { sections } = called.answer as { sections: { title: string; text?: string }[] };
  return sections.map(({ title, text = '' }) => `## ${title}\n\n${text}\n`).join('\n');
}
