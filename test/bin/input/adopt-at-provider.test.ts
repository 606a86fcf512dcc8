// `keyturn adopt` asks the provider about the id of a key that a person brings in, before it stores it.
import { reasonUnfit } from '../../../bin/input/at-provider';
import type { ListedThere } from '../../../core/audit/finding';
import { type Cli, openCli } from '../support/cli';

let cli: Cli;
const stored = () => JSON.parse(cli.storedText('keyturn/prod/openai/support-bot/main'));

describe('asks the provider, where it lists keys, about the id', () => {
  beforeEach(async () => {
    cli = await openCli();
    await cli.deploy();
    await cli.setIssuers();
  });
  afterEach(() => cli.close());

  const openai = ['adopt', 'prod/openai/support-bot', '--key-id'];
  const said = async (args: string[], secret: string) => {
    const { code, err } = await cli.run(args, { piped: secret });
    return { code, err, isStored: stored().secret === secret };
  };

  it('and stores no key under an id that it does not list', async () => {
    const { secret, id } = await cli.keyByHand('openai');
    const wrong = await said([...openai, `${id}x`], secret);
    expect(wrong).toMatchObject({ code: 3, isStored: false });
    expect(wrong.err).toContain(
      `OpenAI lists no key ${id}x in the place that the settings of prod/openai/support-bot name, so Keyturn could not end it`,
    );
    expect(await said([...openai, id], secret)).toMatchObject({ code: 0, err: '', isStored: true });
  });

  it('which may be another project', async () => {
    const { secret, id } = await cli.keyByHand('openai', { place: 'proj_other' });
    expect(await said([...openai, id], secret)).toMatchObject({ code: 3, isStored: false });
  });

  it('and takes none that is named like one which Keyturn made for another key', async () => {
    const { secret, id } = await cli.keyByHand('openai', {
      name: 'keyturn-prod-x-12345678.260901120000000.1234567890',
    });
    const other = await said([...openai, id], secret);
    expect(other).toMatchObject({ code: 3, isStored: false });
    expect(other.err).toContain(
      `the key ${id} is named at OpenAI like one that Keyturn made for another environment`,
    );
  });

  it('and says so where it could not ask', async () => {
    const { secret, id } = await cli.keyByHand('openai');
    cli.hooks.provider = ({ path }) =>
      path.includes('/organization/') ? { kind: 'status', status: 503 } : undefined;
    const unknown = await said([...openai, id], secret);
    expect(unknown).toMatchObject({ code: 0, isStored: true });
    expect(unknown.err).toContain(`Not checked whether OpenAI lists the key ${id}: OpenAI answered 503`);
  });
});

it.each<[string, ListedThere, string | undefined]>([
  ['all that is asked', { isListed: true, scopes: ['a.read', 'b'] }, undefined],
  ['more than is asked', { isListed: true, scopes: ['a.read', 'b', 'c'] }, undefined],
  ['what covers it', { isListed: true, scopes: ['*'] }, undefined],
  ['less', { isListed: true, scopes: ['b'] }, 'Acme says that the key k1 lacks ["a.read"]'],
  ['nothing', { isListed: true, scopes: [] }, 'Acme says that the key k1 lacks ["a.read","b"]'],
  ['what the list does not tell', { isListed: true }, undefined],
  ['another name', { isListed: true, madeFor: 'prod/acme/other' }, 'made for prod/acme/other'],
  ['its own name', { isListed: true, madeFor: 'prod/acme/bot' }, undefined],
])('a key that may do %s is compared with the configuration', (_, listed, says) => {
  const address = { environment: 'prod', provider: 'acme', server: 'bot', purpose: 'main' };
  const key = { address, spec: { scopes: ['a.read', 'b'] } } as Parameters<typeof reasonUnfit>[1];
  if (says) expect(reasonUnfit(listed, key, 'Acme', 'k1')).toContain(says);
  else expect(reasonUnfit(listed, key, 'Acme', 'k1')).toBeUndefined();
});
