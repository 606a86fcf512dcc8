// An MCP server as its developers would write it: tools that call a provider with a key from the client library. The
// rehearsal runs it under constant load, in a process of its own with virtual time.
import { createKeys, type Key, type OwnConnector } from '../../client/index';
import type { SecretValue } from '../../core/key/secret-value';
import type { Dialect } from '../providers/dialect';
import { needed } from '../world/needed';

/** One call of one tool. */
export interface ToolCall {
  provider: string;
  /** As the client library names the key: `sendgrid`, or `gitlab/merge`. */
  name: string;
  settings: Record<string, unknown>;
  /** Where a server finds the key that takes it from variables: variable -> field. */
  env: Record<string, string>;
  /** The provider accepts the server's role. */
  isFederated?: true;
  /** For self-issued keys: what a client of the server shows to it. */
  presented?: string;
}

export interface ToolResult {
  name: string;
  ok: boolean;
  /** Why not; never a secret. */
  problem?: string;
}

/**
 * The server's entry: every event is a batch of tool calls, made side by side.
 * @param connectors of the team's own
 */
export function serve(
  dialects: Dialect[],
  connectors: OwnConnector[],
): (event: { calls: ToolCall[] }) => Promise<ToolResult[]> {
  const keys = createKeys({
    environment: process.env.KEYTURN_ENVIRONMENT,
    server: process.env.KEYTURN_SERVER,
    tokens: JSON.parse(process.env.REHEARSAL_TOKENS ?? '{}') as Record<string, string[]>,
    federate: JSON.parse(process.env.REHEARSAL_FEDERATE ?? '{}') as Record<string, object>,
    connectors,
  });

  async function run({ provider, name, settings, isFederated, presented }: ToolCall): Promise<ToolResult> {
    try {
      if (presented !== undefined) {
        return {
          name,
          ok: Boolean(await keys.acceptInbound(presented, [name])),
          problem: 'a client was turned away',
        };
      }
      const { use, federation } = needed(
        dialects.find(dialect => dialect.provider === provider),
        `a dialect of ${provider}`,
      );
      const withToken = isFederated && federation?.use;
      const reply = await keys.use(name, async key => {
        const now = new Date();
        const { url, ...request } = withToken
          ? withToken(key.secret, now)
          : use(secretValueOf(key), settings, now);
        const answer = await fetch(url, request);
        return answer;
      });
      await reply.body?.cancel();
      return { name, ok: reply.ok, problem: `answered ${reply.status}` };
    } catch (error) {
      return { name, ok: false, problem: (error as Error).message };
    }
  }

  return ({ calls }) => Promise.all(calls.map(run));
}

function secretValueOf(key: Key): SecretValue {
  const { secret, keyId, provider } = key;
  return { ...key.fields, secret, keyId, provider, issuedAt: key.issuedAt.toISOString() };
}
