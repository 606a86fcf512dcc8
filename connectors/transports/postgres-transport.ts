// PostgreSQL: `POST /<database>` with `{"sql", "values"?}` is one statement, or several without values in one transaction, on a
// connection of its own.
import postgres from 'postgres';
import { loginOf, type Transport, tlsOptions } from './transport';

const defaultPort = 5432;
const connectSeconds = 8;

/** @param ca of the server's certificate, as PEM. @default - those that Node knows */
export const postgresTransport =
  (ca: string | undefined): Transport =>
  async (url, call) => {
    const { host, port, user, password } = loginOf(url, call, defaultPort);
    const { sql, values } = JSON.parse(call.body) as { sql: string; values?: string[] };
    const connection = postgres({
      host,
      port,
      username: user,
      password,
      database: decodeURIComponent(url.pathname.slice(1)),
      ssl: tlsOptions(host, ca),
      max: 1,
      connect_timeout: connectSeconds,
      fetch_types: false,
      prepare: false,
      onnotice() {},
      connection: { application_name: 'keyturn' },
    });
    const end = () => connection.end({ timeout: 0 });
    call.signal.addEventListener('abort', end);
    try {
      const rows = await connection.unsafe(sql, values);
      return Response.json({ rows: [...rows] });
    } catch (error) {
      return replyOf(error);
    } finally {
      call.signal.removeEventListener('abort', end);
      await end();
    }
  };

/** What each code would be in HTTP, the longest first; every other is 400. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const statuses: [code: RegExp, status: number][] = [
  [/^28/, 401],
  [/^42501$/, 403],
  [/^(3D000|42704)$/, 404],
  [/^(42710|2BP01|55006)$/, 409],
  [/^53300$/, 429],
  [/^(08|53|57P0|58|XX)/, 503],
];

/** @throws where the server gave no answer of its own */
function replyOf(error: unknown): Response {
  const { code, message, severity } = error as { code?: unknown; message?: unknown; severity?: unknown };
  // Only what the server says has a severity.
  if (typeof code !== 'string' || typeof severity !== 'string')
    throw new Error('connection failed', { cause: error });
  const status = statuses.find(([codes]) => codes.test(code))?.[1] ?? 400;
  return Response.json({ code, message }, { status });
}
