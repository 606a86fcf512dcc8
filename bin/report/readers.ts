// Who can read what: a matrix of keys against principals, by server. What the configuration grants, and what an audit found beyond it.
import type { AuditReport } from '../../core/audit/finding';
import { groupedBy } from '../../core/grouped-by';
import { shortName } from '../../core/key/key-address';
import type { Environment, Key } from '../../lib/config/config';
import { readersOf } from '../../lib/config/keys/key-readers';
import { idOfRule } from './findings';
import { count, escapeHtml } from './page-text';

export interface ReadersOfKey {
  /** `prod/sendgrid/support-bot` */
  key: string;
  server: string;
  team: string;
  /** ARN of the role with which its server reads it; absent where that gets tokens only. */
  serverRole?: string;
  /** Keyturn's functions -> whether they may store values, too. */
  functions: Record<string, 'reads' | 'reads and writes'>;
  /** What an audit found of others; absent where none has looked. */
  beyond?: string[];
}

const beyondRule = 'readable-beyond-config';

export function keyReaders(
  { servers, leakReports }: Pick<Environment, 'servers' | 'leakReports'>,
  keys: readonly Key[],
  audit: AuditReport | undefined,
): ReadersOfKey[] {
  const roles = new Map(servers.map(({ name, role }) => [name, role]));
  const found = (audit?.findings ?? []).filter(({ rule }) => rule === beyondRule);
  return keys.map(key => {
    const { server, readers, writers } = readersOf(key, { leakReports });
    const name = shortName(key.address);
    const serverRole = server ? roles.get(key.address.server) : undefined;
    return {
      key: name,
      server: key.address.server,
      team: key.spec.team,
      ...(serverRole && { serverRole }),
      functions: {
        ...Object.fromEntries(readers.map(name => [name, 'reads' as const])),
        ...Object.fromEntries(writers.map(name => [name, 'reads and writes' as const])),
      },
      ...(audit && {
        beyond: found.filter(({ keys }) => keys.includes(name)).flatMap(({ evidence }) => evidence),
      }),
    };
  });
}

const serversUnfolded = 4;
const serversListed = 20;
const keysAtMost = 2_000;

export function readerMatrix(all: readonly ReadersOfKey[], admins: readonly string[]): string {
  if (!all.length) return '<p class="lead">No key is in the configuration.</p>';
  const shown = all.slice(0, keysAtMost);
  const columns = [...new Set(shown.flatMap(({ functions }) => Object.keys(functions).map(columnOf)))].sort();
  const servers = groupedBy(shown, ({ server }) => server);
  const tables = [...servers].map(([server, keys]) =>
    serverMatrix(server, keys, columns, servers.size <= serversUnfolded),
  );
  const [first, others] = [tables.slice(0, serversListed), tables.slice(serversListed)];
  const folded = others.length
    ? `<details><summary>${count(others.length, 'more server')}</summary>${others.join('')}</details>`
    : '';
  const isAudited = all.some(({ beyond }) => beyond);
  const rest = all.length - shown.length;
  return `<p class="lead">R: may read. W: may store values, too. The policy of each secret denies everyone else in the account; Keyturn's functions are listed by name. ${
    isAudited
      ? 'The column "beyond" counts what the audit found besides the configuration.'
      : 'No one looked beyond the configuration: this page has no audit.'
  }</p>
<p>${count(admins.length, 'admin role')} of the environment may read and change every key${admins.length ? `: ${admins.map(arn => `<code>${escapeHtml(arn)}</code>`).join(', ')}` : ''}.</p>
${first.join('')}${folded}${rest > 0 ? `<p class="lead">${count(rest, 'more key')} are not on this page; <code>--server</code>, <code>--provider</code> or <code>--team</code> narrow it.</p>` : ''}`;
}

/** `rotate-sendgrid` and `token-bot` differ from key to key: the part before the hyphen is the same. */
function columnOf(name: string): string {
  return /^(rotate|token)-/.exec(name)?.[1] ?? name;
}

function serverMatrix(
  server: string,
  keys: readonly ReadersOfKey[],
  columns: readonly string[],
  isOpen: boolean,
): string {
  const roles = [...new Set(keys.flatMap(({ serverRole }) => serverRole ?? []))];
  const beyond = keys.filter(({ beyond }) => beyond?.length).length;
  const others = beyond ? `, ${count(beyond, 'key')} readable beyond the configuration` : '';
  const heads = ['beyond', 'its server', 'admins', ...columns].map(
    head => `<th scope="col">${escapeHtml(head)}</th>`,
  );
  return `<details class="matrix"${isOpen ? ' open' : ''}><summary>${escapeHtml(server)} of team ${escapeHtml(keys[0]?.team ?? '')}: ${count(keys.length, 'key')}${others}</summary>${roles.length ? `<p>Its server reads as ${roles.map(role => `<code>${escapeHtml(role)}</code>`).join(', ')}.</p>` : ''}<div class="scroll" tabindex="0" role="region" aria-label="Who reads keys of ${escapeHtml(server)}"><table><thead><tr><th scope="col">Key</th>${heads.join('')}</tr></thead><tbody>${keys.map(key => matrixRow(key, columns)).join('')}</tbody></table></div></details>`;
}

function matrixRow({ key, serverRole, functions, beyond }: ReadersOfKey, columns: readonly string[]): string {
  const may = new Map(Object.entries(functions).map(([name, may]) => [columnOf(name), may]));
  const cells = columns.map(column => {
    const rights = may.get(column);
    return rights === undefined ? '<td>-</td>' : rights === 'reads' ? '<td>R</td>' : '<td>RW</td>';
  });
  return `<tr data-row><th scope="row">${escapeHtml(key)}</th>${beyondCell(key.split('/')[0] ?? '', beyond)}<td>${serverRole ? 'R' : '-'}</td><td>RW</td>${cells.join('')}</tr>`;
}

function beyondCell(environment: string, beyond: readonly string[] | undefined): string {
  if (!beyond) return '<td>?</td>';
  return beyond.length
    ? `<td class="bad"><a href="#${idOfRule(environment, beyondRule)}">${beyond.length}</a></td>`
    : '<td class="good">0</td>';
}
