// Redis: `POST /acl/setuser` with `{"args": []}` is one command on a connection of its own, after AUTH. RESP2, of which commands and
// answers are all that there is here: https://redis.io/docs/latest/develop/reference/protocol-spec/
import { connect, type TLSSocket } from 'node:tls';
import { loginOf, type Transport, tlsOptions } from './transport';

type RedisReply = string | number | null | RedisReply[] | { error: string };

const defaultPort = 6379;
const longestAnswer = 1024 * 1024;
const levelsAtMost = 8;

/** @param ca of the server's certificate, as PEM. @default - those that Node knows */
export const redisTransport =
  (ca: string | undefined): Transport =>
  async (url, call) => {
    const { host, port, user, password } = loginOf(url, call, defaultPort);
    const { args = [] } = JSON.parse(call.body) as { args?: string[] };
    const command = [...url.pathname.slice(1).toUpperCase().split('/'), ...args];
    const socket = connect({ ...tlsOptions(host, ca), port });
    const end = () => socket.destroy(call.signal.reason);
    call.signal.addEventListener('abort', end);
    try {
      const [entered, answer] = await answersTo(socket, [['AUTH', user, password], command]);
      return replyOf(isError(entered) ? entered : (answer ?? null));
    } finally {
      call.signal.removeEventListener('abort', end);
      socket.destroy();
    }
  };

function isError(answer: RedisReply | undefined): answer is { error: string } {
  return typeof answer === 'object' && answer !== null && 'error' in answer;
}

/** What each code of an error would be in HTTP; every other is 400. */
const statuses: Record<string, number> = {
  WRONGPASS: 401,
  NOAUTH: 401,
  NOPERM: 403,
  DENIED: 403,
  LOADING: 503,
  BUSY: 503,
  MASTERDOWN: 503,
  CLUSTERDOWN: 503,
  READONLY: 503,
  TRYAGAIN: 503,
};

function replyOf(answer: RedisReply): Response {
  if (!isError(answer)) return Response.json({ reply: answer });
  const [code = ''] = answer.error.split(' ');
  const status = /max number of clients/.test(answer.error) ? 429 : (statuses[code] ?? 400);
  return Response.json(answer, { status });
}

/** One answer for each command; fewer where the server closes the connection, as it does after an error of AUTH. */
function answersTo(socket: TLSSocket, commands: string[][]): Promise<RedisReply[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const answers: RedisReply[] = [];
    // As `latin1`, a length in bytes is one in characters.
    socket.setEncoding('latin1');
    socket.on('secureConnect', () => socket.write(commands.map(encoded).join(''), 'utf8'));
    socket.on('error', cause =>
      reject(cause.name === 'TimeoutError' ? cause : new Error('connection failed', { cause })),
    );
    socket.on('close', () => (answers.length ? resolve(answers) : reject(new Error('connection closed'))));
    socket.on('data', (more: string) => {
      text += more;
      try {
        if (text.length > longestAnswer) throw new Error('an answer that is too long');
        for (let read = answerIn(text); read; read = answerIn(text)) {
          answers.push(read.answer);
          text = text.slice(read.end);
        }
      } catch (error) {
        reject(error);
      }
      if (answers.length >= commands.length || isError(answers[0])) resolve(answers);
    });
  });
}

function encoded(command: string[]): string {
  const parts = command.map(part => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${parts.length}\r\n${parts.join('')}`;
}

/** @returns `undefined` where the rest is still to come */
function answerIn(text: string, from = 0, level = 0): { answer: RedisReply; end: number } | undefined {
  const lineEnd = text.indexOf('\r\n', from);
  if (lineEnd < 0) return undefined;
  const [type, line, end] = [text[from], text.slice(from + 1, lineEnd), lineEnd + 2];
  const size = Number(line);
  if (type === '+') return { answer: line, end };
  if (type === '-') return { answer: { error: line }, end };
  if (type === ':') return { answer: size, end };
  if ((type !== '$' && type !== '*') || !Number.isInteger(size) || level > levelsAtMost)
    throw new Error('an answer that is none of Redis');
  if (size < 0) return { answer: null, end };
  if (type === '*') return arrayIn(text, end, size, level);
  const isWhole = text.length >= end + size + 2;
  return isWhole ? { answer: text.slice(end, end + size), end: end + size + 2 } : undefined;
}

function arrayIn(text: string, from: number, size: number, level: number) {
  const answer: RedisReply[] = [];
  let end = from;
  while (answer.length < size) {
    const next = answerIn(text, end, level + 1);
    if (!next) return undefined;
    answer.push(next.answer);
    end = next.end;
  }
  return { answer, end };
}
