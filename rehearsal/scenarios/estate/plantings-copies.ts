// What is wrong in the scenario `estate` outside of secrets: keys that were copied into the account, and onto a laptop.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { arnIn, globalArnIn } from '@keyturn/aws-model/shared/arn';
import { keySecrets, storedValues, valueAt } from '../../world/counts/stored-values';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';
import { environmentName } from './estate-keys';
import { nameOf, type Planting } from './planting';

const env = environmentName;

/** In each place where people put variables of programs. */
export function plantCopies(context: RehearsalContext): Planting[] {
  const { functions, parameters, taskDefinitions } = context.world.model;
  const { retired, current } = valuesOf(context, `${env}/sendgrid/shop/kept`);
  const addFunction = (name: string, MAIL_KEY: string) => {
    const arn = arnIn(context.environment, 'lambda', `function:${name}`);
    const roleArn = globalArnIn(context.environment, 'iam', 'role/wide');
    functions.add({ name, arn, roleArn, environment: { MAIL_KEY } });
  };
  addFunction('storefront', current);
  addFunction('storefront-before', retired);
  parameters.put({ name: '/storefront/mail-key', type: 'String', value: current });
  parameters.put({ name: '/storefront/mail-key-encrypted', type: 'SecureString', value: current });
  const register = (family: string, value: string) =>
    taskDefinitions.register(family, {
      containerDefinitions: [{ name: 'app', image: 'app', environment: [{ name: 'MAIL_KEY', value }] }],
    });
  register('storefront', current);
  register('storefront-before', retired);
  return [
    {
      rule: 'plain-text-copy',
      subject: 'the Lambda function storefront',
      planted: 'a variable of a function that holds a key',
      twin: 'the same variable of storefront-before, which holds a key that was retired',
    },
    {
      rule: 'plain-text-copy',
      subject: 'the parameter /storefront/mail-key',
      planted: 'a parameter in plain text that holds a key',
      twin: '/storefront/mail-key-encrypted, a SecureString, which holds the same',
    },
    {
      rule: 'plain-text-copy',
      subject: 'the ECS task definition storefront:1',
      planted: 'a variable of a container that holds a key',
      twin: 'the same variable of storefront-before:1, which holds a key that was retired',
    },
  ];
}

export interface Laptop {
  plantings: Planting[];
  /** Where programs find their files there. */
  variables: Record<string, string>;
  remove(): void;
}

/** The machine of a developer, on which MCP hosts are set up. */
export function plantLaptop(context: RehearsalContext): Laptop {
  const key = `${env}/sendgrid/shop/kept`;
  const { retired, current } = valuesOf(context, key);
  // A longer name, with what is made up in it, would look like a key and not be shown.
  const folder = mkdtempSync(join(tmpdir(), 'laptop-'));
  const placeOf = (path: string) => join(folder, path);
  const write = (path: string, MAIL_KEY: string, servers = 'mcpServers', more = {}) => {
    mkdirSync(dirname(placeOf(path)), { recursive: true });
    const mail = { command: 'node', args: ['mail.js'], env: { MAIL_KEY } };
    writeFileSync(placeOf(path), JSON.stringify({ [servers]: { mail }, ...more }));
  };
  // Claude Code knows the folders that somebody works in.
  write('claude/.claude.json', current, 'mcpServers', { projects: { [placeOf('shop')]: {} } });
  write('claude/settings.json', retired);
  write('home/.cursor/mcp.json', current);
  write('home/.gemini/settings.json', retired);
  write('shop/.vscode/mcp.json', current, 'servers');
  write('shop/.mcp.json', retired);
  const planting = (file: string, host: string, twin: string): Planting => ({
    rule: 'laptop-copy',
    subject: `${key} in ${file}`,
    planted: `a key in the configuration of ${host} on a developer's machine`,
    twin: `${twin} there, with a key that was retired`,
  });
  return {
    plantings: [
      planting(placeOf('claude/.claude.json'), 'Claude Code', placeOf('claude/settings.json')),
      planting('~/.cursor/mcp.json', 'Cursor', '~/.gemini/settings.json'),
      planting(placeOf('shop/.vscode/mcp.json'), 'VS Code', placeOf('shop/.mcp.json')),
    ],
    variables: { HOME: placeOf('home'), USERPROFILE: placeOf('home'), CLAUDE_CONFIG_DIR: placeOf('claude') },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** The newest key of a secret, and its oldest, which has ended long ago. */
function valuesOf({ world }: RehearsalContext, key: string): { retired: string; current: string } {
  const secret = needed(
    keySecrets(world.model).find(({ name }) => name === nameOf(key)),
    `the secret of ${key}`,
  );
  const [oldest] = storedValues(secret);
  return {
    retired: needed(oldest, `a first key of ${key}`).value.secret,
    current: needed(valueAt(secret, 'AWSCURRENT'), `a key of ${key}`).secret,
  };
}
