// What an assistant may ask: one line each for the command that answers, its input, and the shape of its answer.
import * as z from 'zod';
import { runbookSection, shippedRunbook } from '../../core/notices/notice';
import {
  auditAnswer,
  incidentAnswer,
  incidentsAnswer,
  planAnswer,
  proofAnswer,
  runbookAnswer,
  whoamiAnswer,
  whyAnswer,
} from './answers';
import { findSection, runbookSections } from './runbook';
import { statusAnswer } from './status-answer';
import { inEnvironment, selection, type Tool, tool, word } from './tool';

const statusTool = tool({
  name: 'status',
  title: 'Status of keys',
  about:
    "The state of every API key that Keyturn manages in an environment, problems first, each with what a person should do; active alarms, unfinished incidents, keys that are not proven to be Keyturn's, who gets messages for on-call, and which servers do not report their use. Reads no key.",
  input: { ...inEnvironment, ...selection },
  output: statusAnswer,
  load: async () => (await import('../commands/status')).status,
  flags: ({ server, provider, team }, common) => ({ ...common, server, provider, team }),
  paged: {
    total: ({ keys }) => keys.length,
    slice(answer, from, to) {
      const keys = answer.keys.slice(from, to);
      const { reporting } = answer;
      if (!reporting) return { ...answer, keys };
      const shown = new Set(keys.map(({ key }) => key));
      return {
        ...answer,
        keys,
        reporting: { ...reporting, keys: reporting.keys.filter(({ key }) => shown.has(key)) },
      };
    },
  },
});

const planTool = tool({
  name: 'plan',
  title: 'What the configuration means',
  about:
    'Every key of the configuration: when it rotates, how long the old and the new key are both valid, its scopes, its monthly cost; warnings of an environment. Does not call AWS.',
  input: { ...inEnvironment, ...selection },
  output: planAnswer,
  isLocal: true,
  load: async () => (await import('../commands/plan')).plan,
  flags: ({ server, provider, team }, common) => ({ ...common, server, provider, team }),
  paged: {
    total: ({ environments }) => environments.reduce((sum, { keys }) => sum + keys.length, 0),
    slice(answer, from, to) {
      let before = 0;
      const environments = answer.environments.flatMap(each => {
        const keys = each.keys.slice(Math.max(0, from - before), Math.max(0, to - before));
        before += each.keys.length;
        return keys.length ? [{ ...each, keys }] : [];
      });
      return { ...answer, environments };
    },
  },
});

const auditTool = tool({
  name: 'audit',
  title: 'Audit of keys',
  about:
    'What should be fixed, worst first, each with evidence and a fix: keys that are unused or unknown, scopes beyond the configuration, the same key in two places, keys older than their policy, who can read them; and what was not looked at. Takes up to some minutes. Only the profile of an admin, an auditor or a deployer may ask it.',
  input: {
    ...inEnvironment,
    ...selection,
    unusedAfter: z
      .string()
      .min(1)
      .max(20)
      .default('90d')
      .describe('For how long a key may be unused: 30d, 90d'),
  },
  output: auditAnswer,
  load: async () => (await import('../commands/audit')).audit,
  flags: ({ server, provider, team, unusedAfter }, common) => ({
    ...common,
    server,
    provider,
    team,
    unusedAfter: unusedAfter as string,
  }),
  paged: {
    total: ({ audits }) => audits.reduce((sum, { findings }) => sum + findings.length, 0),
    slice(answer, from, to) {
      let before = 0;
      const audits = answer.audits.map(each => {
        const findings = each.findings.slice(Math.max(0, from - before), Math.max(0, to - before));
        before += each.findings.length;
        return { ...each, findings };
      });
      return { audits };
    },
  },
});

const incidentsTool = tool({
  name: 'incidents',
  title: 'Recent incidents',
  about:
    'What Keyturn noticed about keys and what it did: leaks, refused requests, unusual use, revocations by people; newest first, with every step.',
  input: {
    ...inEnvironment,
    ...selection,
    since: z.string().min(1).max(20).default('7d').describe('How far back: 24h, 7d, 90d'),
  },
  output: incidentsAnswer,
  load: async () => (await import('../commands/incidents')).incidents,
  flags: ({ server, provider, team, since }, common) => ({
    ...common,
    server,
    provider,
    team,
    since: since as string,
  }),
  paged: {
    total: ({ incidents }) => incidents.length,
    slice: (answer, from, to) => ({ ...answer, incidents: answer.incidents.slice(from, to) }),
  },
});

const incidentTool = tool({
  name: 'incident',
  title: 'One incident',
  about:
    'All that is known of one incident: its timeline, who read the secret and from where, open questions, and next steps with commands for a person.',
  input: {
    ...inEnvironment,
    ...selection,
    incidentId: word().describe('As `incidents` and messages to on-call name it: 20270112T031407Z-1a2b3c4d'),
  },
  output: incidentAnswer,
  load: async () => (await import('../commands/incidents')).showIncident,
  flags: ({ server, provider, team, incidentId }, common) => ({
    ...common,
    server,
    provider,
    team,
    incidentId: incidentId as string,
  }),
  paged: {
    total: ({ incidents }) => incidents.length,
    slice: (answer, from, to) => ({
      ...answer,
      incidents: answer.incidents.slice(from, to),
      reports: answer.reports.slice(from, to),
    }),
  },
});

const proofTool = tool({
  name: 'proof',
  title: 'Proof that a key is dead',
  about: 'What was seen of the end of one key: each time the provider was asked, and what it answered.',
  input: {
    ...inEnvironment,
    ...selection,
    keyId: word().describe("The provider's id of the key, as incidents name it"),
  },
  output: proofAnswer,
  load: async () => (await import('../commands/proof')).proof,
  flags: ({ server, provider, team, keyId }, common) => ({
    ...common,
    server,
    provider,
    team,
    keyId: keyId as string,
  }),
});

const whoamiTool = tool({
  name: 'whoami',
  title: 'Environments and credentials',
  about:
    'The environments of the configuration, and which of them the AWS credentials in use reach. Ask this first where another question was refused.',
  input: {},
  output: whoamiAnswer,
  load: async () => (await import('../commands/whoami')).whoami,
  flags: (_, { config }) => ({ config }),
});

const whyTool = tool({
  name: 'why-did-this-fail',
  title: 'Why did this fail',
  about:
    'Why a key, its rotation or its server fails: causes, the evidence for each (logs of functions, alarms, incidents, what the provider answered), what a person should do, with the command, and the section of the runbook. Without a key, the one to look at first.',
  input: {
    ...inEnvironment,
    key: word().optional().describe('<environment>/<provider>/<server>[/<purpose>], as `status` names it'),
  },
  output: whyAnswer,
  load: async () => (await import('../commands/why')).why,
  flags: ({ key }, common) => ({ ...common, name: key }),
  paged: {
    total: ({ causes }) => causes.length,
    slice: (answer, from, to) => ({ ...answer, causes: answer.causes.slice(from, to) }),
  },
});

const runbookTool: Tool = {
  name: 'runbook',
  title: 'Runbook',
  description:
    'What a message, an alarm or a finding means, what Keyturn has done already, what to check, and how to undo it. Without a section, the list of sections. Its commands are for a person to run.',
  input: z.strictObject({
    section: word()
      .optional()
      .describe(`As messages name it: rotation-failed, or ${runbookSection('rotation-failed')}`),
  }),
  output: runbookAnswer,
  isLocal: true,
  async answer(given) {
    const { section } = given as { section?: string };
    const sections =
      section === undefined
        ? runbookSections().map(({ section, title }) => ({ section, title }))
        : [findSection(section)];
    return { source: shippedRunbook, sections };
  },
};

export const tools: readonly Tool[] = [
  whoamiTool,
  statusTool,
  whyTool,
  planTool,
  auditTool,
  incidentsTool,
  incidentTool,
  proofTool,
  runbookTool,
];
