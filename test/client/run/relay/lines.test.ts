import { createLineReader } from '../../../../client/run/relay/lines';

function read(chunks: string[], limit?: number) {
  const lines: string[] = [];
  const oversized: object[] = [];
  const reader = createLineReader(
    line => lines.push(line.toString()),
    long => oversized.push(long),
    limit,
  );
  for (const chunk of chunks) reader.take(Buffer.from(chunk));
  reader.end();
  return { lines, oversized };
}

it('puts lines together, however they are cut', () => {
  expect(read(['one\ntw', 'o\n \n\nthr', '', 'ee'])).toEqual({
    lines: ['one', 'two', 'three'],
    oversized: [],
  });
});

const filler = 'y'.repeat(100);

it.each([
  [
    'an answer',
    `{"result":{"id":7,"a":["}\\"${filler}"]},"jsonrpc":"2.0", "id" : "a\\"é,1" }`,
    '"a\\"é,1"',
    false,
  ],
  ['a request', `{"id":12,"method":"tools/call","params":{"method":"${filler}"}}`, '12', true],
  ['a notification', `{"params":{"id":1,"x":"${filler}"},"method":"a"}`, undefined, true],
  ['an answer to nothing', `{"id":null,"result":"${filler}"}`, undefined, false],
  ['a batch', `[{"id":1,"result":"${filler}"}]`, undefined, false],
])('lets %s go that is too long, and says whose it is', (_what, line, id, hasMethod) => {
  const bytes = Buffer.byteLength(line);
  for (const size of [1, 7, 1_000]) {
    const buffer = Buffer.from(`${line}\n{"after":1}\n`);
    const chunks = Array.from({ length: Math.ceil(buffer.length / size) }, (_, i) =>
      buffer.subarray(i * size, (i + 1) * size).toString('latin1'),
    );
    const lines: string[] = [];
    const oversized: object[] = [];
    const reader = createLineReader(
      found => lines.push(found.toString()),
      long => oversized.push(long),
      64,
    );
    for (const chunk of chunks) reader.take(Buffer.from(chunk, 'latin1'));
    expect(oversized).toEqual([{ bytes, hasMethod, ...(id && { id }) }]);
    expect(lines).toEqual(['{"after":1}']);
  }
});

it('needs no memory for what it lets go', () => {
  const megabyte = Buffer.alloc(2 ** 20, 'x');
  const oversized: object[] = [];
  const reader = createLineReader(
    () => {},
    long => oversized.push(long),
    4 * megabyte.length,
  );
  // More than Node can hold as text.
  reader.take(Buffer.from('{"result":{"text":"'));
  for (let i = 0; i < 600; i++) reader.take(megabyte);
  reader.take(Buffer.from('"},"jsonrpc":"2.0","id":3}\n'));
  expect(oversized).toEqual([{ bytes: 600 * 2 ** 20 + 45, id: '3', hasMethod: false }]);
});
