// Reads the configuration files of all known MCP hosts on this machine.
import { readdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import type { HostFile, Machine } from './host-files';
import { hostFiles } from './host-files';
import { type HostText, shownName, textsOf } from './host-texts';
import { parseConfiguration } from './parse';
import { isFolder, openFile } from './read-file';

export interface FileSeen {
  host: string;
  file: string;
  state: 'read' | 'absent' | 'malformed' | 'unread';
  /** What is wrong, with its place, and the fix. */
  problem?: string;
}

export interface HostsSeen {
  files: FileSeen[];
  /** Of the parts of the files that are about servers. */
  texts: HostText[];
  /** All the rest of these files. */
  lines: HostText[];
}

export function thisMachine(): Machine {
  return { platform: process.platform, home: homedir(), env: process.env, cwd: process.cwd() };
}

const projectsAtMost = 500;
const namesAtMost = 200;

export async function readHosts(machine: Machine): Promise<HostsSeen> {
  const seen: HostsSeen = { files: [], texts: [], lines: [] };
  for (const file of hostFiles(machine, await projectsOf(machine))) {
    for (const path of await named(file, machine)) await readOne({ ...file, path }, machine, seen);
  }
  return seen;
}

async function readOne(file: HostFile, machine: Machine, seen: HostsSeen): Promise<void> {
  const { join } = pathsOf(machine);
  const shown = shownPath(join(file.base, file.path), machine);
  const { host } = file;
  const opened = await openFile(file.base, file.path);
  if (opened.state === 'absent') return void seen.files.push({ host, file: shown, state: 'absent' });
  if (opened.state === 'unread') {
    const problem = `${shown} ${opened.why}; ${opened.fix}`;
    return void seen.files.push({ host, file: shown, state: 'unread', problem });
  }
  const { texts, lines, malformed } = textsOf(file, shown, opened.text);
  seen.texts.push(...texts);
  seen.lines.push(...lines);
  if (!malformed) return void seen.files.push({ host, file: shown, state: 'read' });
  const { line, column, what } = malformed;
  const problem = `${shown}:${line}:${column} is not what ${host} reads (${what}); correct it there. The rest of the file was searched all the same`;
  seen.files.push({ host, file: shown, state: 'malformed', problem });
}

/** With a name in the place of each `*`. */
async function named(file: HostFile, machine: Machine): Promise<string[]> {
  const { join } = pathsOf(machine);
  const parts = file.path.split(/[\\/]/);
  const star = parts.indexOf('*');
  if (star < 0) return [file.path];
  const before = parts.slice(0, star).join('/');
  const folder = join(file.base, before);
  const names = await namesIn(folder, join(await realFolder(file.base), before));
  const ends = star === parts.length - 1 ? /\.(json|ya?ml)$/i : /^[^.]/;
  return names
    .filter(name => ends.test(name))
    .map(name => [...parts.slice(0, star), name, ...parts.slice(star + 1)].join('/'));
}

/** None where the folder is not there, or is another one behind a link. */
async function namesIn(folder: string, expected: string): Promise<string[]> {
  try {
    if ((await realpath(folder)) !== expected) return [];
    return (await readdir(folder)).sort().slice(0, namesAtMost);
  } catch {
    return [];
  }
}

async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    return folder;
  }
}

/** The folders that Claude Code and Codex remember, as far as they are there. */
async function projectsOf(machine: Machine): Promise<string[]> {
  const { isAbsolute } = pathsOf(machine);
  const found = new Set<string>();
  for (const file of hostFiles(machine).filter(({ path }) =>
    /(^|[\\/])(\.claude\.json|config\.toml)$/.test(path),
  )) {
    const opened = await openFile(file.base, file.path);
    if (opened.state !== 'read') continue;
    for (const { path } of parseConfiguration(file.path, opened.text, true).leaves) {
      const [first, folder] = path;
      if (first === 'projects' && typeof folder === 'string') found.add(folder);
    }
  }
  // A share of another machine may never answer.
  const near = [...found]
    .filter(folder => isAbsolute(folder) && !/^[\\/]{2}/.test(folder))
    .slice(0, projectsAtMost);
  const isThere = await Promise.all(near.map(isFolder));
  return near.filter((_, at) => isThere[at]);
}

function shownPath(path: string, { home, platform }: Machine): string {
  const { relative, isAbsolute } = platform === 'win32' ? win32 : posix;
  const below = relative(home, path);
  const short =
    below.startsWith('..') || isAbsolute(below) ? path : `~${platform === 'win32' ? '\\' : '/'}${below}`;
  // Longer than a name: each of its parts is one.
  return short
    .split(/([\\/])/)
    .map(shownName)
    .join('');
}

function pathsOf({ platform }: Machine) {
  return platform === 'win32' ? win32 : posix;
}
