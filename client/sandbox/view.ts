// What a server in a sandbox sees of the machine: programs and its working directory to read, and folders of its own to write that
// are empty at its start and gone at its end. Everything else is not there.
import { existsSync, lstatSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { KeyturnError } from '../../core/errors';
import { systemRoots } from '../broker/server-environment';
import {
  credentials,
  holds,
  programsOf,
  realPath,
  runtimeFiles,
  runtimesOfHome,
  systemFolders,
  systemSettings,
  whyHidden,
} from './places';

export interface ViewParts {
  command: readonly string[];
  cwd: string;
  home: string;
  env: NodeJS.ProcessEnv;
  /** Places that a person names. */
  readable: readonly string[];
  writable: readonly string[];
  /** Files that are not shown, wherever they lie. */
  hidden: readonly string[];
  /** What Keyturn itself needs inside. */
  own: readonly string[];
  /** Names that lead to the loopback of the sandbox. */
  hosts: readonly string[];
  /** All certificates that are trusted, in a file; others may be made beside it. */
  certificates: string;
  folder: string;
}

export interface View {
  /** For bubblewrap. */
  args: string[];
  /** Why the working directory is an empty one, if it is. */
  emptied: string | undefined;
}

/** A place, and what bubblewrap makes there. */
type Mount = [at: string, ...args: string[]];
type Mounts = Mount[];

/** What sandboxes have of devices. There are no terminals. */
const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map(name => `/dev/${name}`);
/** Variables that name credentials, and ways to others who have some. */
const namingSecrets = [
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONFIG_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'KUBECONFIG',
  'SSH_AUTH_SOCK',
];

/** @throws {KeyturnError} usage, for a place that cannot be shown */
export function viewOf(parts: ViewParts): View {
  const { command, cwd, home, env, own } = parts;
  const emptied = whyHidden(cwd, home);
  const programs = [process.execPath, ...programsOf(command, cwd, env.PATH ?? '')];
  const readable = [
    ...runtimesOfHome.map(name => join(home, name)),
    ...programs.flatMap(file => runtimeFiles(file, home)),
    ...own,
    ...(emptied ? [] : [cwd]),
    ...parts.readable.flatMap(path => named('--readable', path, parts)),
  ].filter(existsSync);
  const writable = parts.writable.flatMap(path => named('--writable', path, parts));
  const isShown = (path: string) => [...writable, ...systemFolders].some(outer => holds(outer, path));
  const bound: Mounts = [
    ...readable.filter(path => !isShown(path)).map((path): Mount => [path, '--ro-bind', path, path]),
    ...writable.map((path): Mount => [path, '--bind', path, path]),
  ];
  const secrets = secretsIn(
    bound.map(([at]) => at),
    parts,
  );
  const mounts = new Map(
    [
      ...ofSystem(),
      ...ofNetwork(parts),
      ...emptyPlaces(home),
      ...bound,
      ...covering(secrets, parts.folder),
    ].map(([at, ...args]) => [at, args]),
  );
  // Each is made after the one around it.
  const inOrder = [...mounts].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, args]) => args);
  return { args: [...inOrder, '--dir', cwd, '--chdir', cwd], emptied };
}

function ofSystem(): Mounts {
  const folders = systemFolders
    .filter(existsSync)
    .map(
      (at): Mount =>
        lstatSync(at).isSymbolicLink() ? [at, '--symlink', readlinkSync(at), at] : [at, '--ro-bind', at, at],
    );
  return [
    ...folders,
    ...systemSettings.filter(existsSync).map((at): Mount => [at, '--ro-bind', at, at]),
    ...devices.map((at): Mount => [at, '--dev-bind', at, at]),
    ['/dev/fd', '--symlink', '/proc/self/fd', '/dev/fd'],
    // Root could change the kernel's settings there, also without any privilege.
    ['/proc', '--proc', '/proc', '--remount-ro', '/proc'],
  ];
}

/** Names are looked up in one file, the loopback is all that there is, and whoever has certificates of its own trusts the broker. */
function ofNetwork({ hosts, certificates, folder }: ViewParts): Mounts {
  const texts = {
    '/etc/hosts': ['127.0.0.1 localhost', ...hosts.map(host => `127.0.0.1 ${host}`), ''].join('\n'),
    '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n',
    '/etc/resolv.conf': '',
  };
  const files = Object.entries(texts).map(([at, text]): Mount => {
    const file = join(folder, basename(at));
    writeFileSync(file, text);
    return [at, '--ro-bind', file, at];
  });
  const roots = systemRoots.map(realPath).filter(existsSync);
  return [...files, ...roots.map((at): Mount => [at, '--ro-bind', certificates, at])];
}

function emptyPlaces(home: string): Mounts {
  const isFree = home !== '/' && !systemFolders.some(outer => holds(outer, home));
  const places = ['/tmp', '/var/tmp', '/dev', '/dev/shm', ...(isFree ? [home] : [])];
  return places.map((at): Mount => [at, '--tmpfs', at]);
}

function named(flag: string, path: string, { cwd, home }: ViewParts): string[] {
  const given = resolve(cwd, path.replace(/^~(?=\/|$)/, home));
  if (!existsSync(given)) throw new KeyturnError('usage', `${flag} ${path} does not exist; create it first`);
  const place = realPath(given);
  const why = whyHidden(place, home);
  if (why)
    throw new KeyturnError(
      'usage',
      `${flag} ${path} is not possible: ${why}; name a folder for this server alone`,
    );
  return [...new Set([given, place])];
}

function secretsIn(shown: readonly string[], { env, hidden, cwd }: ViewParts): string[] {
  const inside = shown.flatMap(folder => credentials.map(name => join(folder, name)));
  const byName = [...namingSecrets.map(name => env[name]), ...hidden].flatMap(path => {
    const given = path ? resolve(cwd, path) : undefined;
    return given ? [given, realPath(given)] : [];
  });
  const isShown = (path: string) => shown.some(folder => holds(folder, path));
  return [...inside, ...byName].filter(path => existsSync(path) && isShown(path));
}

function covering(secrets: readonly string[], folder: string): Mounts {
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  return secrets.map(
    (at): Mount => (statSync(at).isDirectory() ? [at, '--tmpfs', at] : [at, '--ro-bind', empty, at]),
  );
}
