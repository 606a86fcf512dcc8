import { PassThrough, Writable } from 'node:stream';
import { print } from '../../../bin/terminal/command';
import { table } from '../../../bin/terminal/table';
import { createTerminal } from '../../../bin/terminal/terminal';

function keyboard({ isTTY = true } = {}) {
  const said: string[] = [];
  const rawModes: boolean[] = [];
  const interruption = new AbortController();
  const stdin = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (mode: boolean) => void rawModes.push(mode),
  });
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      said.push(String(chunk));
      done();
    },
  });
  const terminal = createTerminal({ stdin, stdout: new PassThrough(), stderr }, interruption);
  return { terminal, stdin, said, rawModes, interruption };
}

const oneLine = () => true;

describe('a prompt for a secret', () => {
  it('shows nothing of what is typed, and gives the keyboard back', async () => {
    const { terminal, stdin, said, rawModes } = keyboard();
    const answer = terminal.readSecret('Key', oneLine);
    for (const key of 'FAKESECRETx\u007f\r') stdin.write(key);
    expect(await answer).toBe('FAKESECRET');
    expect(said).toEqual(['Key (input is hidden): ', '\n']);
    expect(rawModes).toEqual([true, false]);
    expect(stdin.isPaused()).toBe(true);
  });

  it('ends at Ctrl-D, too', async () => {
    const { terminal, stdin } = keyboard();
    const answer = terminal.readSecret('Key', oneLine);
    stdin.write('abc\u0004');
    expect(await answer).toBe('abc');
  });

  it('goes on over lines until the text is whole', async () => {
    const { terminal, stdin } = keyboard();
    const answer = terminal.readSecret('Key', text => text.endsWith('}'));
    stdin.write('{\r "a": 1\r}\r');
    expect(await answer).toBe('{\n "a": 1\n}');
  });

  it('keeps further lines that were pasted with the first, so that they can be refused', async () => {
    const { terminal, stdin } = keyboard();
    const answer = terminal.readSecret('Key', oneLine);
    stdin.write('abc\rdef\r');
    expect(await answer).toBe('abc\rdef');
  });

  it('ends at Ctrl-C with an error, and gives the keyboard back', async () => {
    const { terminal, stdin, rawModes, interruption } = keyboard();
    const answer = terminal.readSecret('Key', oneLine);
    stdin.write('FAKESECRET\u0003');
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(rawModes).toEqual([true, false]);
    expect(interruption.signal.aborted).toBe(true);
  });

  it('is not shown where something is piped in: all of it is read, without the last end of line', async () => {
    const { terminal, stdin, said, rawModes } = keyboard({ isTTY: false });
    stdin.end(' abc\n\r\n');
    expect(await terminal.readSecret('Key', oneLine)).toBe(' abc\n');
    expect([said, rawModes]).toEqual([[], []]);
  });
});

describe('a question', () => {
  it.each([
    ['y', true],
    ['YES', true],
    ['', false],
    ['n', false],
    ['yeah', false],
  ])('answered "%s" is %s', async (typed, answer) => {
    const { terminal, stdin } = keyboard();
    const asked = terminal.confirm('Really?');
    stdin.write(`${typed}\n`);
    expect(await asked).toBe(answer);
  });

  it('cannot be asked where nobody is', async () => {
    const { terminal } = keyboard({ isTTY: false });
    await expect(terminal.confirm('Really?')).rejects.toMatchObject({ code: 'usage' });
  });

  it('ends at Ctrl-C with an error', async () => {
    const { terminal, interruption } = keyboard();
    const asked = terminal.confirm('Really?');
    interruption.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('what a terminal obeys is shown in its place, whatever text it came in', () => {
  const shown: string[] = [];
  const stream = { write: (text: string) => shown.push(text) > 0, isTTY: true, on: () => stream };
  const terminal = createTerminal({ stdin: new PassThrough(), stdout: stream, stderr: stream as never });
  const hostile = 'a\u001b]0;x\u0007b\u009b2J\u202ec\r\u001b[Kd\n';
  terminal.out(hostile);
  terminal.err(hostile);
  terminal.overwrite(hostile);
  const safe = 'a\ufffd]0;x\ufffdb\ufffd2J\ufffdc\ufffd\ufffd[Kd\n';
  expect(shown).toEqual([safe, safe, `\r\u001b[K${safe}`]);
});

test('JSON and tables of what others wrote hold nothing that a terminal obeys, and no lines of their own', () => {
  let shown = '';
  const terminal = { out: (text: string) => (shown += text) } as never;
  print({ terminal } as never, { json: true }, { name: 'a\u202e\u009bb' }, '');
  expect(shown).toBe('{\n  "name": "a\\u202e\\u009bb"\n}\n');
  expect(table(['NAME', 'X'], [['a\nb\u001b[1m', '1']], 80)).toBe('NAME     X\na\ufffdb\ufffd[1m  1\n');
});
