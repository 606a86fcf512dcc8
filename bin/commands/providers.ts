import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Connector, type KeyFact, tellsOf } from '../../connectors/contract/connector';
import { federationOf } from '../../connectors/contract/federation';
import { connectors } from '../../connectors/index';
import { programArguments } from '../programs';
import { type Command, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';
import { table } from '../terminal/table';

export interface ProvidersFlags {
  json?: boolean;
  markdown?: boolean;
}

/** What the program `evidence` prints of each provider. */
export interface EvidenceSummary {
  /** What proves most first: `recorded`, `openapi`, ... */
  kinds: string[];
  /** The newest day on which something was read. */
  read: string;
  /** The first page that is named; `null` where standards are. */
  link: string | null;
}

interface ProviderRow {
  provider: string;
  title: string;
  kind: Connector['kind'];
  /** How an old and a new key work beside each other. */
  overlap: string;
  /** What ends a key that nobody revokes. */
  expiry: string;
  lastUse: boolean;
  scopesVerified: boolean;
  /** What AWS calls such keys, where it can rotate them in place of Keyturn. */
  awsType?: string;
  /** Servers can reach it without a key, too. */
  couldBe?: 'federate';
  evidence: EvidenceSummary;
}

/** Every provider that Keyturn knows, and what it can do there. Asks nobody. */
export const providers: Command<ProvidersFlags> = async (flags, context) => {
  const evidence = await readEvidence();
  const rows = Object.values<Connector>(connectors).flatMap(connector => {
    const known = evidence[connector.provider];
    return known ? [rowOf(connector, known)] : [];
  });
  const text = flags.markdown
    ? markdown(rows.map(cellsOf))
    : `${table(head, rows.map(cellsOf), context.terminal.width.out)}\n${legend}`;
  print(context, flags, { providers: rows }, text);
  return exitCode.done;
};

const head = ['PROVIDER', 'KIND', 'OVERLAP', 'EXPIRY', 'LAST USE', 'SCOPES VERIFIED', 'EVIDENCE'];
const legend = `Kind federate: the provider accepts a server's AWS role in place of a key. Kind aws: AWS can rotate such keys in place of Keyturn (rotatedBy: 'aws'). Overlap: whether, or how long at most, the old key works beside the new one. Expiry: the end that Keyturn sets when it makes a key.
Last use, scopes verified: what the provider tells. Evidence: what Keyturn's model of the provider is from:
recorded (real answers), openapi (the provider's description, which tests hold), source (its code), docs,
seen (by third parties), memory (not confirmed), and when it was last read.
`;

function rowOf(connector: Connector, evidence: EvidenceSummary): ProviderRow {
  const { provider, title, kind } = connector;
  const tells = (fact: KeyFact) => tellsOf(connector).includes(fact);
  return {
    provider,
    title,
    kind,
    overlap: overlapOf(connector),
    expiry: expiryOf(connector, tells('expiresAt')),
    lastUse: tells('lastUsedAt'),
    ...(connector.awsPartner && { awsType: connector.awsPartner.type }),
    ...(kind !== 'federate' && federationOf(connector) && { couldBe: 'federate' as const }),
    scopesVerified: tells('scopes') || (kind === 'mint' && connector.scopes === 'required'),
    evidence,
  };
}

function overlapOf(connector: Connector): string {
  if (connector.kind === 'federate') return 'no key';
  if (connector.kind === 'roll') return 'no';
  if (connector.maxOverlapHours) return `at most ${connector.maxOverlapHours} h`;
  // A person who makes the keys decides for how long there are two.
  const isByHand = 'steps' in connector && !('rootMaker' in connector && connector.rootMaker);
  return isByHand ? 'by hand' : 'yes';
}

function expiryOf(connector: Connector, isSet: boolean): string {
  if (connector.kind === 'manual') return 'none';
  if (connector.kind === 'federate') return `tokens, at most ${connector.tokenSecondsAtMost / 60} min`;
  if (connector.kind === 'revoke-only') return isSet || connector.expiry ? 'set by hand' : 'none';
  if (connector.kind === 'mint')
    return connector.tokenSeconds ? `tokens, ${connector.tokenSeconds / 60} min` : 'tokens';
  // The provider's own limit: no settings tell that a tenant sets less.
  const maxKeyDays = connector.maxKeyDays?.({});
  if (maxKeyDays) return `set, at most ${maxKeyDays} days`;
  return isSet ? 'set' : 'none';
}

function cellsOf(row: ProviderRow): string[] {
  const yesOrNo = (is: boolean) => (is ? 'yes' : 'no');
  const { kinds, read } = row.evidence;
  return [
    row.provider,
    [row.kind, row.couldBe, row.awsType && 'aws'].filter(Boolean).join(', '),
    row.overlap,
    row.expiry,
    yesOrNo(row.lastUse),
    yesOrNo(row.scopesVerified),
    `${kinds.join(', ')}; ${read}`,
  ];
}

function markdown(rows: string[][]): string {
  const [first, ...others] = head.map(title => title.charAt(0) + title.slice(1).toLowerCase());
  const lines = [[first, ...others], head.map(() => '---'), ...rows];
  return lines.map(cells => `| ${cells.join(' | ')} |\n`).join('');
}

/** From a program of its own: what the rehearsal knows is no part of this one. */
async function readEvidence(): Promise<Record<string, EvidenceSummary>> {
  const { stdout } = await promisify(execFile)(process.execPath, programArguments('evidence'), {
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}
