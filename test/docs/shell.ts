// Whether a line of a shell block names commands, scripts and flags that there are. Nothing is run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../bin/program';
import { scripts, version } from '../../package.json';
import { scenarios } from '../../rehearsal/scenarios/index';
import { root } from './documents';

/** Of the reader's own machine: what they take is not ours to check. */
const others = [
  'aws',
  'cat',
  'cd',
  'cp',
  'curl',
  'docker',
  'echo',
  'eval',
  'git',
  'jq',
  'mkdir',
  'moto_server',
  'node',
  'op',
  'trufflehog',
  'open',
  'pip',
  'printf',
];
const cdkCommands = ['bootstrap', 'deploy', 'destroy', 'diff', 'list', 'ls', 'notices', 'synth'];

/** Commands of a block, one after another: without comments, with their continued lines. */
export function commandsOf(block: string): string[] {
  return block
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .flatMap(line => line.replace(/(^|\s)#.*$/, '').split(/\s*(?:&&|\|\||\||;)\s*/))
    .map(command => command.replace(/^\$\s+/, '').trim())
    .filter(Boolean);
}

/** @returns what is wrong with the command; `undefined` where it is right */
export async function faultOf(command: string): Promise<string | undefined> {
  const words = wordsOf(command).filter(
    (word, index, all) => !isVariable(word) || all.slice(0, index).some(each => !isVariable(each)),
  );
  const [program, ...args] = words;
  if (program === undefined || program === 'export') return undefined;
  if (program === 'npm') return faultOfNpm(args);
  if (program === 'npx') return faultOfNpx(args);
  if (program === 'keyturn') return faultOfKeyturn(args);
  return others.includes(program)
    ? undefined
    : `${program} is no program that this test knows; add it to test/docs/shell.ts`;
}

async function faultOfNpm([command, ...args]: string[]): Promise<string | undefined> {
  if (command === 'create') {
    const [what = '', ...rest] = args;
    const name = what.replace(/@.*/, '');
    if (name !== 'keyturn') return `npm create ${name} is not known here`;
    return wrongVersion(what) ?? faultOfKeyturn(['init', ...rest.filter(arg => arg !== '--')]);
  }
  if (['ci', 'install', 'i', 'publish'].includes(command ?? '')) return undefined;
  if (command !== 'run' && command !== 'start' && command !== 'test')
    return `npm ${command} is not known here`;
  const script = command === 'run' ? args.shift() : command;
  const line = (scripts as Record<string, string>)[script ?? ''];
  if (line === undefined) return `package.json has no script ${script}`;
  const after = args[0] === '--' ? args.slice(1) : args;
  if (args.length && args[0] !== '--') return `npm hands on only what comes after --: ${args.join(' ')}`;
  if (script === 'keyturn') return faultOfKeyturn(after);
  if (script === 'start') return faultOfRehearsal(after);
  return faultOfFlags(
    after,
    line.split(' ').find(word => /\.[cm]?[jt]s$/.test(word)),
  );
}

async function faultOfNpx(args: string[]): Promise<string | undefined> {
  const [program, ...rest] = args.filter(arg => arg !== '-y' && arg !== '--yes');
  if (program === 'keyturn') return faultOfKeyturn(rest);
  if (program?.startsWith('@keyturn/client')) return wrongVersion(program) ?? faultOfKeyturn(rest);
  if (program === 'cdk')
    return cdkCommands.includes(rest[0]!) ? undefined : `npx cdk ${rest[0]} is not known here`;
  if (program === 'jest' || program === 'tsx' || program === 'biome' || program === 'tsc') {
    const gone = rest.find(arg => arg.includes('/') && !existsSync(join(root, arg)));
    return gone && `there is no ${gone}`;
  }
  return `npx ${program} is not known here`;
}

/** A pinned version is the one that is documented. */
function wrongVersion(pinned: string): string | undefined {
  const [, said] = /.@(.*)$/.exec(pinned) ?? [];
  return said === undefined || said === version || said === 'latest'
    ? undefined
    : `${pinned} is not ${version}`;
}

function faultOfRehearsal(args: string[]): string | undefined {
  const scenario = args[args.indexOf('--scenario') + 1];
  if (args.includes('--scenario') && !/^</.test(scenario ?? '') && !Object.hasOwn(scenarios, scenario ?? ''))
    return `there is no scenario ${scenario}`;
  return faultOfFlags(args, 'rehearsal/main.ts');
}

/** @param program the file that would run, where it is ours: it names its flags */
function faultOfFlags(args: string[], program: string | undefined): string | undefined {
  const source = program && readFileSync(join(root, program), 'utf8');
  const strange = args
    .filter(arg => arg.startsWith('--'))
    .map(arg => arg.slice(2).replace(/=.*/, ''))
    .find(flag => source && !new RegExp(`['"]?(--)?\\b${flag}\\b`).test(source));
  return strange && `${program} has no flag --${strange}`;
}

/** As its own help tells. */
async function faultOfKeyturn(args: string[]): Promise<string | undefined> {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  if (own[0] === 'rehearse') return faultOfRehearsal(own.slice(1));
  const path: string[] = [];
  let help = await helpOf(path);
  for (const word of own) {
    if (word.startsWith('-') || !subcommandsOf(help!).includes(word)) break;
    path.push(word);
    help = await helpOf(path);
  }
  const rest = own.slice(path.length);
  const name = ['keyturn', ...path].join(' ');
  if (subcommandsOf(help!).length && rest[0] !== undefined && !rest[0].startsWith('-'))
    return `${name} has no command ${rest[0]}`;
  // A command that takes the common flags does something by itself, whatever commands it has besides.
  const isGroup = subcommandsOf(help!).length && !help!.includes('--config');
  if (isGroup && !rest.some(word => /^(-h|--help|-V|--version)$/.test(word)))
    return `${name} is no command by itself`;
  const flag = rest.find(
    word => word.startsWith('-') && word !== '-' && !namesFlag(help!, word.replace(/=.*/, '')),
  );
  return flag && `${name} has no flag ${flag}`;
}

/** @returns `undefined` where there is no such command */
async function helpOf(path: string[]): Promise<string> {
  let said = '';
  const say = (text: string) => {
    said += text;
  };
  const terminal = {
    out: say,
    err: say,
    redraw: say,
    overwrite: say,
    canAsk: false,
    redraws: false,
    width: { out: 80, err: 80 },
    interrupted: new AbortController().signal,
    unread: new AbortController().signal,
    confirm: async () => false,
    readSecret: async () => '',
  };
  const clock = { now: () => new Date(0), sleep: async () => {} };
  const code = await runProgram([...path, '--help'], { terminal, clock });
  if (code !== 0) throw new Error(`keyturn ${path.join(' ')} --help ended with ${code}: ${said}`);
  return said;
}

function subcommandsOf(help: string): string[] {
  const [, listed = ''] = /^Commands:\n((?: {2}.*\n?)*)/m.exec(help) ?? [];
  return [...listed.matchAll(/^ {2}([a-z][\w-]*)/gm)]
    .map(([, name]) => name!)
    .filter(name => name !== 'help');
}

function namesFlag(help: string, flag: string): boolean {
  const [, listed = ''] = /^Options:\n((?: {2}.*\n?)*)/m.exec(help) ?? [];
  return new RegExp(`(^|[ ,])${flag}([ ,]|$)`, 'm').test(listed);
}

function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)]
    .map(([word]) => word.replace(/['"]/g, ''))
    .filter(word => !/^\d?[<>]/.test(word) || /^<[\w-]+>$/.test(word));
}

function isVariable(word: string): boolean {
  return /^[A-Z_][A-Z0-9_]*=/.test(word);
}
