// Blocks that are no commands: programs run, configurations are checked and used, policies are decided by the engine of packages/iam.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { readHosts } from '../../../bin/hosts/read-hosts';
import type { EnvironmentInput, KeysInput, ServerInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import { conditionHolds, readCondition } from '../../../packages/iam/condition';
import { clientFolder } from '../../client/behaviour/python';
import { clientPython } from '../../support/python';
import { root } from '../documents';
import { deploymentUses } from './deployment-uses';
import { keys } from './keys';
import type { Machine } from './machine';
import type { Reader } from './reader';
import { exportsOf, type Uses, type WayToUse } from './way-to-use';

const ownConnector = join(root, 'examples/own-connector');

export const waysToUse: WayToUse[] = [
  ...deploymentUses,
  {
    name: 'a part of examples/own-connector, which test/packages/packed.test.ts installs and rehearses, stands there',
    is: ({ document }) => document === 'docs/own-connectors.md',
    async use({ text }) {
      const example = [
        'config/keys.ts',
        'connectors/inhouse.test.ts',
        'connectors/inhouse.ts',
        'server/models.mjs',
      ]
        .map(file => readFileSync(join(ownConnector, file), 'utf8'))
        .join('\n');
      // What the page leaves out, and the API that is data, are no lines of it.
      const lines = text.split('\n').filter(line => !/wiki|\/\/ \.\.\./.test(line));
      expect(lines.filter(line => !example.includes(line.trim()))).toEqual([]);
    },
  },
  {
    name: 'rights at a database, with which test/connectors/real-servers makes and ends keys at a real one',
    is: ({ document, language }) => document === 'docs/databases.md' && language === 'text',
    async use({ text }) {
      const server = /ACL SETUSER/.test(text) ? 'redis' : 'postgres';
      const tried = readFileSync(join(root, `test/connectors/real-servers/${server}.test.ts`), 'utf8');
      const rights =
        server === 'redis'
          ? (/-@all \+acl.*$/m.exec(text) ?? [])
          : ['in role pg_signal_backend', 'grant app_owner to keyturn with admin option'];
      expect(rights).not.toEqual([]);
      expect(rights.filter(right => !text.includes(right) || !tried.includes(right))).toEqual([]);
    },
  },
  {
    name: 'a whole configuration is planned',
    is: ({ text }) => /^ *export const keys =/m.test(text),
    async use({ text }, { machine, reader }) {
      writeFileSync(join(machine.repository, 'config/tried.ts'), text);
      await succeeds('npx keyturn plan --config config/tried.ts', { machine, reader });
    },
  },
  {
    name: 'a part of a configuration is valid in a whole one',
    is: ({ text }) => /^export const \w+: Pick<(EnvironmentInput|ServerInput)/m.test(text),
    async use({ text }) {
      const parts = exportsOf(text);
      expect(Object.keys(parts)).not.toEqual([]);
      validateConfig(withParts(text, parts));
    },
  },
  {
    name: 'a program of a federation proves its role to AWS, which tells that no server of the sandbox has one',
    is: ({ text }) => text.includes('createKeys(') && text.includes('federate:'),
    async use({ text }, { machine }) {
      writeFileSync(join(machine.repository, 'block.mts'), text);
      const terminal = machine.terminal(machine.repository, machine.sandboxVariables('support-bot'));
      const { err } = await terminal.type('npx tsx block.mts');
      expect(err).toContain('may not call sts:GetWebIdentityToken');
    },
  },
  {
    name: 'a program that uses keys runs as its server',
    is: ({ text }) => text.includes('createKeys('),
    async use({ text }, { machine, reader }) {
      writeFileSync(join(machine.repository, 'block.mts'), text);
      await succeeds('npx tsx block.mts', { machine, reader }, machine.sandboxVariables('support-bot'));
    },
  },
  {
    name: 'a CDK app synthesizes',
    is: ({ text }) => text.includes('new App()'),
    async use({ text }, { machine, reader }) {
      writeFileSync(join(machine.repository, 'app.ts'), text);
      await synthesizes(machine, reader);
      expect(existsSync(join(machine.repository, 'apart/keyturn-prod.template.json'))).toBe(true);
    },
  },
  {
    name: 'a construct synthesizes in a stack',
    is: ({ text }) => /^export class \w+ extends Construct/m.test(text),
    async use({ text }, { machine, reader }) {
      const [, name] = /^export class (\w+)/m.exec(text) ?? [];
      const role = 'arn:aws:iam::333333333333:role/support-bot';
      const app = `import { App, Stack } from 'aws-cdk-lib';\nconst stack = new Stack(new App(), 'Own');\nnew ${name}(stack, 'It', 'prod', 'support-bot', '${role}');\n`;
      writeFileSync(join(machine.repository, 'app.ts'), `${text}\n${app}`);
      await synthesizes(machine, reader);
      expect(readFileSync(join(machine.repository, 'apart/Own.template.json'), 'utf8')).toContain(
        'Key Rotated',
      );
    },
  },
  {
    name: 'the settings of an MCP host are read as that host reads them, and their server answers',
    is: ({ language, text }) => language === 'json' && /"(mcpServers|servers)"/.test(text),
    async use({ text }, { machine }) {
      const { mcpServers, servers } = JSON.parse(text.replaceAll('/path/to/keys', machine.repository));
      const home = mkdtempSync(join(machine.folder, 'host-'));
      const file = mcpServers ? '.mcp.json' : '.vscode/mcp.json';
      mkdirSync(join(home, '.vscode'));
      const entry = Object.values<{ command: string; args: string[] }>(mcpServers ?? servers)[0]!;
      // A key in a variable, so that it shows which servers the host has found.
      const seen = { ...entry, env: { PROBE: ['SG', 'z'.repeat(22), 'z'.repeat(43)].join('.') } };
      writeFileSync(
        join(home, file),
        JSON.stringify({ [mcpServers ? 'mcpServers' : 'servers']: { keyturn: seen } }),
      );
      const { files, texts } = await readHosts({ platform: 'linux', home, env: {}, cwd: home });
      expect(files.filter(({ state }) => state === 'read')).toHaveLength(1);
      expect(JSON.stringify(texts)).toContain('keyturn');
      rmSync(home, { recursive: true });
      const terminal = machine.terminal(machine.home, machine.sandboxVariables());
      const { out } = await terminal.type(
        [entry.command, ...entry.args].join(' '),
        `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } } })}\n`,
      );
      expect(JSON.parse(out.split('\n')[0]!)).toMatchObject({
        id: 1,
        result: { serverInfo: { name: 'keyturn' } },
      });
    },
  },
  {
    name: 'what a failed command prints with --json',
    is: ({ language, text }) => language === 'json' && text.startsWith('{ "error"'),
    async use({ text }, { machine }) {
      const shown = JSON.parse(text) as { error: { code: string; message: string } };
      const { out } = await machine.terminal(machine.repository).type('npx keyturn whoami --json');
      const said = JSON.parse(out) as typeof shown;
      expect(Object.keys(said.error)).toEqual(Object.keys(shown.error));
      expect(said.error.code).toBe(shown.error.code);
      expect(said.error.message).toContain(shown.error.message.replace(/ \.\.\.$/, ''));
    },
  },
  {
    name: 'a trust policy lets in whom the text names, and nobody else',
    is: ({ language, text }) => language === 'json' && text.includes('AssumeRoleWithWebIdentity'),
    async use({ text }) {
      const { Statement } = JSON.parse(text) as {
        Statement: { Effect: string; Condition: Record<string, Record<string, string>> }[];
      };
      expect(Statement.map(({ Effect }) => Effect)).toEqual(['Allow']);
      const conditions = Statement.flatMap(({ Condition }) => Object.entries(Condition)).flatMap(
        ([operator, pairs]) =>
          Object.entries(pairs).map(([key, value]) => readCondition(operator, key, [value], 'the block')),
      );
      const lets = (sub: string) =>
        conditions.every(condition =>
          conditionHolds(condition, {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': sub,
          }),
        );
      expect(lets('repo:OWNER/REPOSITORY:environment:prod')).toBe(true);
      for (const other of [
        'repo:OWNER/REPOSITORY:ref:refs/heads/main',
        'repo:OTHER/REPOSITORY:environment:prod',
        'repo:OWNER/REPOSITORY:environment:prod-eu',
      ])
        expect([other, lets(other)]).toEqual([other, false]);
    },
  },
  {
    name: 'what discover wrote is added to the configuration, which is then planned',
    is: ({ language, text }) => language === 'text' && text.includes('...foundServers'),
    async use({ text }, { machine }) {
      const [imported, , added = ''] = text.split('\n');
      const own = readFileSync(join(machine.repository, 'config/keys.ts'), 'utf8');
      const [opening = ''] = added.split('{ ');
      const whole = `${imported}\n${own.replace(`${opening}{`, added.replace('... }', ''))}`;
      writeFileSync(join(machine.repository, 'config/tried.ts'), whole);
      const { code, out, err } = await machine
        .terminal(machine.repository)
        .type('npx keyturn plan --env prod --config config/tried.ts');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('prod/sendgrid/mailer');
    },
  },
  {
    name: 'a program in Python that uses keys runs as its server, or is told that this has no federation; where Python is there',
    is: ({ language, text }) => language === 'python' && text.includes('from keyturn import'),
    async use({ text }, { machine }) {
      const python = await clientPython();
      if (!python) return;
      writeFileSync(join(machine.repository, 'block.py'), text);
      const { code, out, err } = await machine
        .terminal(machine.repository, {
          ...machine.sandboxVariables('support-bot'),
          PYTHONPATH: [join(clientFolder, 'src'), __dirname].join(delimiter),
        })
        .type(`${python} block.py`);
      if (text.includes('federate=')) return expect(err).toContain('may not call sts:GetWebIdentityToken');
      // Its role has no policy for the report of usage there, which it says.
      expect({ code, said: code === 0 ? '' : err }).toEqual({ code: 0, said: '' });
      expect(out).toMatch(/200|mail\.send/);
    },
  },
  {
    name: 'not used: a program for moto, which npm does not install',
    is: ({ language, text }) => language === 'python' && text.includes('import boto3'),
    use: async () => {},
  },
  {
    name: 'a pipeline runs step by step',
    is: ({ language }) => language === 'yaml',
    async use({ text }, { machine, reader }) {
      const { jobs } = parse(text, { strict: true }) as {
        jobs: Record<string, { steps: { run?: string }[] }>;
      };
      const lines = Object.values(jobs)
        .flatMap(({ steps }) => steps)
        .flatMap(({ run }) => run?.replaceAll(/\$\{\{ matrix.environment \}\}/g, 'prod') ?? []);
      expect(lines.length).toBeGreaterThan(2);
      const terminal = machine.terminal(machine.repository, machine.sandboxVariables());
      const block = { document: 'the pipeline', line: 0, language: 'sh', text: lines.join('\n') };
      expect(await reader.read([block], terminal)).toEqual([]);
    },
  },
];

async function synthesizes(machine: Machine, reader: Reader): Promise<void> {
  await succeeds('npx tsx app.ts', { machine, reader }, { CDK_OUTDIR: join(machine.repository, 'apart') });
}

async function succeeds(line: string, { machine }: Uses, more: Record<string, string> = {}): Promise<void> {
  const { code, out, err } = await machine.terminal(machine.repository, more).type(line);
  expect({ code, said: code === 0 ? '' : out + err }).toEqual({ code: 0, said: '' });
}

/** In production, and in the server that is there alone. */
function withParts(text: string, parts: Record<string, object>): KeysInput {
  const input = structuredClone(keys) as KeysInput;
  for (const [name, part] of Object.entries(parts)) {
    const isServers = new RegExp(`export const ${name}: Pick<ServerInput`).test(text);
    const target: Partial<EnvironmentInput> | Partial<ServerInput> | undefined = isServers
      ? input.servers['code-bot']
      : input.environments.prod;
    Object.assign(target ?? {}, part);
  }
  return input;
}
