// What a new repository is made from: told by flags, or asked for. This folder holds how `keyturn init` makes one.
import type * as z from 'zod';
import { KeyturnError } from '../../core/errors';
import { type Mistake, parsePiece, suggestion } from '../../lib/config/problems/problem';
import { isProvider, type ProviderName, providerNames } from '../../lib/config/providers';
import { environmentShape, nameShape } from '../../lib/config/shape/config-shape';
import { type AskPerson, type AskUntilValid, untilRight as asking } from '../input/questions';

export interface Answers {
  environment: string;
  account: string;
  region: string;
  servers: { name: string; providers: ProviderName[] }[];
}

export interface InitFlags {
  env: string;
  account?: string;
  region?: string;
  /** `support-bot=sendgrid,openai` */
  server: string[];
}

/**
 * @param ask @default - nobody can be asked, so what no flag tells is an error
 * @throws {KeyturnError} usage, for a flag that is wrong or not there
 */
export async function answersOf(
  flags: InitFlags,
  ask?: AskPerson,
  say?: (text: string) => void,
): Promise<Answers> {
  const told = {
    environment: named(flags.env, '--env'),
    account: flags.account === undefined ? undefined : accountOf(flags.account, '--account'),
    region: flags.region === undefined ? undefined : regionOf(flags.region, '--region'),
    servers: flags.server.map(serverOf),
  };
  const missing = [
    ...(told.account === undefined ? ['--account'] : []),
    ...(told.region === undefined ? ['--region'] : []),
    ...(told.servers.length ? [] : ['--server']),
  ];
  if (!ask && missing.length)
    throw new KeyturnError(
      'usage',
      `${missing.join(', ')} must be given, since the terminal is not interactive; add them, such as --account 123456789012 --region eu-central-1 --server support-bot=sendgrid,openai`,
    );
  const untilRight = asking(ask, say);
  const { environment } = told;
  const account =
    told.account ?? (await untilRight('AWS account, 12 digits', typed => accountOf(typed, 'account')));
  const region =
    told.region ?? (await untilRight('Region, such as eu-central-1', typed => regionOf(typed, 'region')));
  const servers = told.servers.length ? told.servers : await askServers(untilRight, say);
  refuseTwice(servers.map(({ name }) => name));
  return { environment, account, region, servers };
}

async function askServers(
  untilRight: AskUntilValid,
  say: (text: string) => void = () => {},
): Promise<Answers['servers']> {
  const names = await untilRight('MCP servers that need keys, such as support-bot, code-bot', typed => {
    const words = wordsOf(typed).map(word => named(word, 'server'));
    refuseTwice(words);
    return words.length ? words : [named('', 'server')];
  });
  const servers: Answers['servers'] = [];
  say(`Providers that Keyturn knows: ${providerNames.join(', ')}\n`);
  for (const name of names) {
    const question = `Providers of ${name}, such as sendgrid, openai`;
    servers.push({ name, providers: await untilRight(question, typed => providersOf(typed, name)) });
  }
  return servers;
}

function serverOf(typed: string): Answers['servers'][number] {
  const [name = '', providers] = typed.split(/=(.*)/s);
  if (providers === undefined)
    throw new KeyturnError(
      'usage',
      `--server "${typed}" names no provider; write it like --server ${name || 'support-bot'}=sendgrid,openai`,
    );
  return { name: named(name, '--server'), providers: providersOf(providers, name) };
}

function providersOf(typed: string, server: string): ProviderName[] {
  const words = [...new Set(wordsOf(typed))];
  const unknown = words.find(word => !isProvider(word));
  if (unknown !== undefined)
    throw new KeyturnError(
      'usage',
      `"${unknown}" is not a provider that Keyturn knows; use ${suggestion(unknown, providerNames)}`,
    );
  if (words.length) return words.filter(isProvider);
  throw new KeyturnError(
    'usage',
    `${server} has no provider; name at least one, such as sendgrid; \`npx keyturn providers\` shows them all`,
  );
}

const wordsOf = (typed: string) => typed.split(/[\s,]+/).filter(Boolean);

function refuseTwice(names: string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new KeyturnError('usage', `the server "${twice}" is named twice; name it once`);
}

const { account: accountShape, region: regionShape } = environmentShape.shape;

const named = (typed: string, what: string) => checked(nameShape, typed, what);
const accountOf = (typed: string, what: string) => checked(accountShape, typed, what);
const regionOf = (typed: string, what: string) => checked(regionShape, typed, what);

/** By the rules of config/keys.ts. */
function checked(shape: z.core.$ZodType<string>, typed: string, what: string): string {
  const problems: Mistake[] = [];
  const value = parsePiece(shape, typed, what, problems);
  if (value !== undefined) return value;
  throw new KeyturnError('usage', problems.map(({ place, text }) => `${place} ${text}`).join('\n'));
}
