import { PassThrough, Writable } from 'node:stream';
import { createTerminal } from '../../bin/terminal/terminal';

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
  const terminal = createTerminal({ stdin, stdout: { write: () => {} }, stderr }, interruption);
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
