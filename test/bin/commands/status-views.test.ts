// Other views of the status: again and again, and as rows of a spreadsheet.
import { runProgram } from '../../../bin/program';
import { csv } from '../../../bin/terminal/csv';
import { type Cli, openCli } from '../support/cli';

describe('rows for a spreadsheet', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    [' =1+1', "'=1+1"],
    ['\t=1+1', "'=1+1"],
    ['\r=1+1', "'=1+1"],
    ['＝1', "'＝1"],
    ['a=1', 'a=1'],
  ])('hold no formula: %j', (cell, written) => {
    expect(csv(['x'], [[cell.replace('\t', ' ').replace('\r', ' ')]])).toBe(`x\n${written}\n`);
    // Control characters are no text of a cell: what is left begins with a mark of their place.
    expect(csv(['x'], [[cell]]).split('\n')[1]).toMatch(/^['\ufffda]/);
  });

  it('stay one row each, whoever wrote their cells', () => {
    expect(
      csv(
        ['a', 'b'],
        [
          ['x,y', 'say "z"'],
          ['one\ntwo', '\u001b[2J'],
        ],
      ),
    ).toBe('a,b\n"x,y","say ""z"""\none\ufffdtwo,\ufffd[2J\n');
  });
});

describe('keyturn status', () => {
  let cli: Cli;
  beforeEach(async () => {
    cli = await openCli();
    await cli.deploy();
    await cli.setIssuers();
    await cli.run(['issue', 'prod/sendgrid/support-bot']);
  });
  afterEach(() => cli.close());

  it('--csv has a row for each key', async () => {
    const { code, out } = await cli.run(['status', '--env', 'prod', '--csv']);
    const [head, ...rows] = out.trim().split('\n');
    expect(head).toBe('key,state,team,tier,issuedAt,rotatedAt,nextRotationBy,endsAt,endsBy,note,fix');
    expect(rows).toHaveLength(5);
    expect(rows).toContainEqual(
      expect.stringMatching(/^prod\/sendgrid\/support-bot,current,support,normal,\d{4}-\d\d-\d\dT/),
    );
    expect(code).toBe(1);
  });

  it('--watch looks again until Ctrl-C, and goes on where AWS gives no answer once', async () => {
    let looks = 0;
    cli.hooks.intercept = ({ operation }) => {
      if (operation === 'ListSecrets') looks++;
      return operation === 'ListSecrets' && looks > 1 && looks <= 9 ? { kind: 'refuse-before' } : undefined;
    };
    const { code, out } = await cli.run(['status', '--env', 'prod', '--watch'], {
      stopsAtOut: /got no answer[\s\S]*prod: /g,
    });
    expect(code).toBe(130);
    expect(out.match(/refreshes every 10 s, Ctrl-C stops/g)!.length).toBeGreaterThanOrEqual(3);
    expect(out).toContain('secretsmanager:ListSecrets got no answer');
  });

  it.each(['--csv', '--watch'])('%s and --json contradict each other', async flag => {
    const { code, err } = await cli.run(['status', '--env', 'prod', flag, '--json']);
    expect([code, err]).toEqual([2, expect.stringContaining('cannot be used with option')]);
  });

  it('--watch ends once nobody reads it any more', async () => {
    const unread = new AbortController();
    const said: string[] = [];
    const terminal = {
      out: () => {},
      err: () => {},
      overwrite: () => {},
      redraw(text: string) {
        said.push(text);
        if (said.length === 2) unread.abort();
      },
      canAsk: false,
      redraws: false,
      width: { out: 80, err: 80 },
      interrupted: new AbortController().signal,
      unread: unread.signal,
      confirm: async () => false,
      readSecret: async () => '',
    };
    const line = ['status', '--env', 'prod', '--watch', '--config', `${__dirname}/../support/keys.ts`];
    const code = await cli.runIn(() => runProgram(line, { terminal, clock: cli.clock }));
    expect([code, said.length]).toEqual([1, 2]);
  });
});
