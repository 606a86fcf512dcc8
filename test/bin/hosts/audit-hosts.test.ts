import { auditHosts } from '../../../bin/hosts/audit-hosts';
import type { Print } from '../../../core/audit/finding';
import { printOf } from '../../../core/audit/same-key';
import { madeUp, openMachine } from './machine';

const salt = '0f'.repeat(16);
const key = madeUp.sendgrid('L');
const prints: Print[] = [
  {
    print: printOf(key, salt),
    holder: {
      kind: 'key',
      environment: 'prod',
      key: 'prod/sendgrid/support-bot',
      atProvider: 'sendgrid key k1',
    },
  },
];

it('finds a key of Keyturn in the file of a host, tells what it did not read, and shows no value', async () => {
  const machine = openMachine();
  try {
    machine.write('.cursor/mcp.json', {
      mcpServers: { mail: { env: { K: key }, args: [madeUp.gitlab('other')] } },
    });
    machine.write('.lmstudio/mcp.json', `{ "${key}": `);
    const answer = await auditHosts(machine, prints, salt);
    expect(answer.findings.map(({ subject }) => subject)).toEqual([
      'prod/sendgrid/support-bot in ~/.cursor/mcp.json',
      'prod/sendgrid/support-bot in ~/.lmstudio/mcp.json',
    ]);
    expect(answer.looked).toEqual({ 'files of MCP hosts': 2 });
    expect(answer.notCovered.map(({ what }) => what)).toEqual([
      '~/.lmstudio/mcp.json',
      'other machines',
      'where hosts keep secrets apart',
    ]);
    expect(JSON.stringify(answer)).not.toContain(key.slice(3, 20));
    expect((await auditHosts(machine, prints, '1e'.repeat(16))).findings).toEqual([]);
  } finally {
    machine.remove();
  }
});
