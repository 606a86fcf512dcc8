// `keyturn adopt` is stopped at every call of its own to AWS and to the provider, before it and after it; run again, it completes.
import { AwsError } from '@keyturn/aws-model/wire/aws-error';
import { type Cli, openCli } from '../support/cli';

const name = 'prod/sendgrid/support-bot';
let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
});
afterEach(() => cli.close());

const stored = (label?: string) => cli.storedText('keyturn/prod/sendgrid/support-bot/main', label);
const versions = () =>
  Object.keys(cli.model.secretsManager.secret('keyturn/prod/sendgrid/support-bot/main').versions).length;

/** From the call with this number on, nothing gets through; `isCarriedOut`: but that one did. */
function stopAt(number: number, isCarriedOut: boolean): void {
  let calls = 0;
  const next = () => {
    calls++;
    return calls < number ? 'through' : calls === number && isCarriedOut ? 'lost' : 'refused';
  };
  cli.hooks.intercept = ({ caller }) => {
    // A function that it asks answers or does not: where it stops is not told.
    if (caller.sessionName !== 'platform-admin') return undefined;
    const what = next();
    if (what === 'through') return undefined;
    // The SDK does not send it again.
    const gone = new AwsError('AccessDeniedException', 'not any more');
    return {
      kind: 'instead',
      async answer(carryOut) {
        if (what === 'lost') await carryOut();
        throw gone;
      },
    };
  };
  cli.hooks.provider = ({ kind }) => {
    if (kind !== 'verify') return undefined;
    const what = next();
    if (what === 'through') return undefined;
    return { kind: what === 'lost' ? 'drop-after' : 'drop-before' };
  };
}

function letThrough(): void {
  cli.hooks.intercept = () => undefined;
  cli.hooks.provider = () => undefined;
}

const adopt = (secret: string, ...flags: string[]) => cli.run(['adopt', name, ...flags], { piped: secret });

it('is safe to repeat: a second run with the same key finds it stored, and changes nothing', async () => {
  const { secret } = await cli.keyByHand('sendgrid');
  const id = secret.split('.')[1];
  await adopt(secret);
  const before = [stored(), versions()];
  const { code, out } = await adopt(secret);
  expect([code, out]).toEqual([
    0,
    expect.stringContaining(`${name} is already key ${id}; SendGrid accepts it\n`),
  ]);
  expect([stored(), versions()]).toEqual(before);
});

it('is safe to repeat where it has replaced a key', async () => {
  await adopt((await cli.keyByHand('sendgrid')).secret);
  const first = stored();
  const { secret } = await cli.keyByHand('sendgrid');
  const id = secret.split('.')[1];
  await adopt(secret, '--replace', '--yes');
  const { code, out } = await adopt(secret, '--replace', '--yes');
  expect([code, out]).toEqual([
    0,
    expect.stringContaining(`${name} is already key ${id}; SendGrid accepts it\n`),
  ]);
  expect(stored('AWSPREVIOUS')).toBe(first);
});

it('does not take another key for the one that it has stored', async () => {
  await adopt((await cli.keyByHand('sendgrid')).secret);
  const before = stored();
  const { code, err } = await adopt((await cli.keyByHand('sendgrid')).secret);
  expect([code, err, stored()]).toEqual([
    2,
    expect.stringContaining('already has a key; add --replace'),
    before,
  ]);
});

describe.each([
  ['before', false],
  ['after', true],
])('stopped %s a call', (_, isCarriedOut) => {
  it('completes when it runs again, whichever call it was', async () => {
    const ends: string[] = [];
    for (let number = 1; ends.at(-1) !== 'whole'; number++) {
      const { secret } = await cli.keyByHand('sendgrid');
      const before = { stored: stored(), versions: versions() };
      stopAt(number, isCarriedOut);
      const { code } = await adopt(secret);
      letThrough();
      const isStored = stored() !== before.stored;
      if (isStored) expect(JSON.parse(stored())).toMatchObject({ secret });
      const again = await adopt(secret);
      expect([again.code, JSON.parse(stored()).secret]).toEqual([0, secret]);
      expect(versions()).toBe(before.versions + 1);
      ends.push(code === 0 ? 'whole' : isStored ? 'stored' : 'nothing stored');
      await cli.close();
      cli = await openCli();
      await cli.deploy();
    }
    expect(new Set(ends)).toEqual(new Set(['nothing stored', ...(isCarriedOut ? ['stored'] : []), 'whole']));
  });
});
