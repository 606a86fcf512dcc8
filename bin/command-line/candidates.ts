// What may come next on a command line that is being typed: from the definitions of commands, and from the configuration.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { shortName } from '../../core/key/key-address';
import { keysOf } from '../../lib/config/config';
import { loadConfig } from '../config/load-config';
import { allCommands } from './all-commands';
import type { CommandDefinition, Completes, Flag } from './definition';

export interface Completion {
  word: string;
  /** One line; may be empty. */
  about: string;
}

/** @param words all after the name of the program; the last one is still being typed */
export async function candidates(words: string[]): Promise<Completion[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const found = before.includes('--') ? [] : await allCandidates(before, typed);
  return found.filter(({ word }) => word.startsWith(typed));
}

async function allCandidates(before: string[], typed: string): Promise<Completion[]> {
  const definitions = allCommands().filter(({ isHidden }) => !isHidden);
  const command = commandOf(definitions, before);
  const flag = command?.flags.find(each => takesValue(each) && namesOf(each).includes(before.at(-1) ?? ''));
  if (flag) return values(flag.completes, before);
  if (command && typed.startsWith('-')) return flagsLeft(command, before);
  const path = before.filter(word => !word.startsWith('-')).join(' ');
  const next = command && path !== command.name ? [] : nextWords(definitions, path);
  return [...next, ...(command ? await values(command.argument?.completes, before) : [])];
}

/** The one whose name is longest. */
function commandOf(definitions: CommandDefinition[], before: string[]): CommandDefinition | undefined {
  const line = `${before.join(' ')} `;
  return definitions
    .filter(({ name }) => line.startsWith(`${name} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** Of the names of commands that begin with `path`. */
function nextWords(definitions: CommandDefinition[], path: string): Completion[] {
  const begin = path ? `${path} ` : '';
  const found = new Map<string, string>();
  for (const { name, about } of definitions) {
    if (!name.startsWith(begin)) continue;
    const [word = '', ...more] = name.slice(begin.length).split(' ');
    if (word && !found.has(word)) found.set(word, more.length ? '' : about);
  }
  return [...found].map(([word, about]) => ({ word, about }));
}

function flagsLeft({ flags }: CommandDefinition, before: string[]): Completion[] {
  const left = flags.filter(
    each => each.option.parseArg || !namesOf(each).some(name => before.includes(name)),
  );
  return left.map(({ option }) => ({ word: option.long ?? '', about: option.description }));
}

function namesOf({ option: { short, long } }: Flag): string[] {
  return [short, long].filter(name => name !== undefined);
}

function takesValue({ option }: Flag): boolean {
  return option.required || option.optional;
}

async function values(kind: Completes | undefined, before: string[]): Promise<Completion[]> {
  if (kind === undefined || kind === 'file') return [];
  if (kind === 'shell') return plain(['bash', 'zsh', 'fish']);
  if (kind === 'profile') return plain(profiles());
  const all = await environmentsOf(valueAfter('--config', before) ?? 'config/keys.ts');
  if (kind === 'environment')
    return all.map(({ name, account }) => ({ word: name, about: `account ${account}` }));
  if (kind === 'region') return plain(all.map(({ region }) => region));
  const env = valueAfter('--env', before);
  const environments = env ? all.filter(({ name }) => name === env) : all;
  const keys = environments.flatMap(keysOf);
  if (kind === 'key')
    return keys.map(({ address, spec }) => ({
      word: shortName(address),
      about: `tier ${spec.tier}, of team ${spec.team}`,
    }));
  if (kind === 'team') return plain(keys.map(({ spec }) => spec.team));
  return plain(keys.map(({ address }) => address[kind]));
}

function plain(words: string[]): Completion[] {
  return [...new Set(words)].map(word => ({ word, about: '' }));
}

function valueAfter(flag: string, before: string[]): string | undefined {
  const at = before.lastIndexOf(flag);
  return at < 0 ? undefined : before[at + 1];
}

/** None where the configuration cannot be read: nobody presses Tab for its errors. */
async function environmentsOf(config: string) {
  try {
    return (await loadConfig(config)).environments;
  } catch {
    return [];
  }
}

function profiles(): string[] {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const folder = join(homedir(), '.aws');
  const files = [
    AWS_CONFIG_FILE ?? join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials'),
  ];
  const texts = files.filter(existsSync).map(file => readFileSync(file, 'utf8'));
  return texts.flatMap(text =>
    [...text.matchAll(/^\[(?:profile +)?([^\]\s]+)\]/gm)].map(([, name = '']) => name),
  );
}
