// What a person pastes at a prompt, or a program of theirs prints: found in the sandbox as a person finds it at a provider.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sendToAws } from './aws';
import type { Machine } from './machine';

const initialize = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { capabilities: {} } })}\n`;

/** @returns what is piped in */
export async function inputOf(line: string, machine: Machine): Promise<string> {
  if (/\brun .*--server/.test(line)) return initialize;
  if (/^op .*issuer set/.test(line)) return piped(machine, 'admin', await issuerOf(machine));
  if (/^op .*adopt/.test(line)) return piped(machine, 'key', await newKey(machine));
  if (/issuer set/.test(line)) return issuerOf(machine);
  if (/keyturn adopt/.test(line)) return newKey(machine);
  if (/leaked set-token/.test(line)) return `${'t'.repeat(40)}\n`;
  if (/^trufflehog /.test(line)) {
    writeFileSync(
      join(machine.home, '.found.jsonl'),
      `${JSON.stringify({ Raw: await currentKey(machine), SourceMetadata: {} })}\n`,
    );
    return '';
  }
  if (/keyturn leaked/.test(line)) return currentKey(machine);
  return '';
}

function piped(machine: Machine, name: string, text: string): string {
  mkdirSync(join(machine.home, '.op'), { recursive: true });
  writeFileSync(join(machine.home, '.op', name), text);
  return '';
}

async function secretOf(machine: Machine, name: string): Promise<string> {
  const line = `aws secretsmanager get-secret-value --secret-id keyturn/prod/${name}`;
  const { SecretString } = (await sendToAws(line, machine.sandboxVariables())) as { SecretString: string };
  return SecretString;
}

const issuerOf = (machine: Machine) => secretOf(machine, 'issuers/sendgrid');

async function currentKey(machine: Machine): Promise<string> {
  return (JSON.parse(await secretOf(machine, 'sendgrid/support-bot/main')) as { secret: string }).secret;
}

const made = new Set<string>();

/** As made in the provider's console; the same as before, where that is what the secret holds. */
async function newKey(machine: Machine): Promise<string> {
  const held = await currentKey(machine);
  if (made.has(held)) return held;
  const { apiKey } = JSON.parse(await issuerOf(machine)) as { apiKey: string };
  const program = `const reply = await fetch('https://api.sendgrid.com/v3/api_keys', { method: 'POST',
    headers: { authorization: 'Bearer ' + process.argv[1], 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'made by hand', scopes: ['mail.send'] }) });
    console.log((await reply.json()).api_key);`;
  const key = await machine.inSandbox([process.execPath, '--input-type=module', '-e', program, apiKey]);
  made.add(key);
  return key;
}
