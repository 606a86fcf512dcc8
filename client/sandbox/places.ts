// Which places of this machine may be shown to a server in a sandbox, and which of them its program needs.
import { accessSync, constants, existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

/** Programs and their libraries: nothing of a user's. */
export const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'];

/** Of /etc, what programs read and what holds no secret. */
export const systemSettings = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'fonts',
  'group',
  'host.conf',
  'java',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.conf',
  'localtime',
  'mime.types',
  'os-release',
  'passwd',
  'pki/ca-trust/extracted',
  'pki/tls/certs',
  'pki/tls/cert.pem',
  'protocols',
  'services',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
].map(name => `/etc/${name}`);

/** Where people have runtimes and installed tools: programs alone. npx and uvx write to their caches, and could not use them. */
export const runtimesOfHome = [
  '.asdf',
  '.bun/bin',
  '.bun/install/global',
  '.cache/ms-playwright',
  '.cache/puppeteer',
  '.cargo/bin',
  '.deno/bin',
  '.dotnet',
  '.fnm',
  '.local/bin',
  '.local/lib',
  '.local/pipx/venvs',
  '.local/share/fnm',
  '.local/share/mise/installs',
  '.local/share/mise/shims',
  '.local/share/pipx/venvs',
  '.local/share/pnpm',
  '.local/share/uv/python',
  '.local/share/uv/tools',
  '.nvm',
  '.pyenv',
  '.rbenv',
  '.rustup',
  '.sdkman/candidates',
  '.volta',
  'go/bin',
];

/** What holds credentials, wherever a folder that is shown has it at its top. */
export const credentials = [
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/gh',
  '.docker',
  '.git-credentials',
  '.gnupg',
  '.kube',
  '.netrc',
  '.npmrc',
  '.pgpass',
  '.pypirc',
  '.ssh',
];

/** Others' files and sockets are there. */
const shared = ['/', '/etc', '/home', '/mnt', '/media', '/opt', '/root', '/srv', '/tmp', '/var', '/var/tmp'];
/** Sockets, processes, devices and secrets of the machine, however deep. */
const ofMachine = ['/boot', '/dev', '/proc', '/run', '/sys', '/var/run'];

export const holds = (folder: string, path: string) => path === folder || path.startsWith(join(folder, '/'));

/** @returns why a folder is not shown, or nothing */
export function whyHidden(path: string, home: string): string | undefined {
  if (holds(path, home)) return 'it holds your home, and with it credentials';
  if (shared.includes(path) || /^\/home\/[^/]+$/.test(path)) return 'it holds files and sockets of others';
  if (ofMachine.some(folder => holds(folder, path))) return 'it holds sockets and secrets of the machine';
  const secret = credentials.find(name => holds(join(home, name), path));
  return secret && 'it holds credentials';
}

/** What a program file needs of its surroundings: the installation that it is part of, or its package. */
export function runtimeFiles(file: string, home: string): string[] {
  return [...new Set([...linksOf(file), realPath(file)])].flatMap(each => [
    ...installationOf(each, home),
    ...modulesAbove(each, home),
  ]);
}

function installationOf(file: string, home: string): string[] {
  // Of whichever home.
  const runtime = runtimesOfHome.find(name => file.includes(`/${name}/`));
  if (runtime) return [file.slice(0, file.indexOf(`/${runtime}/`) + runtime.length + 1)];
  const prefix = dirname(dirname(file));
  const has = (name: string) => existsSync(join(prefix, name));
  if (has('pyvenv.cfg') && !whyHidden(prefix, home)) return [prefix];
  if (has('lib/node_modules')) return [join(prefix, 'bin'), join(prefix, 'lib')];
  return [packageOf(file, home) ?? file];
}

/** A file, and all that it leads to by links. */
function linksOf(file: string): string[] {
  return lstatSync(file).isSymbolicLink()
    ? [file, ...linksOf(resolve(dirname(file), readlinkSync(file)))]
    : [file];
}

/** The nearest folder above that is a package. */
export function packageOf(file: string, home: string): string | undefined {
  return above(file, home).find(folder =>
    ['package.json', 'pyproject.toml'].some(name => existsSync(join(folder, name))),
  );
}

/** Node looks for packages in every folder above. */
function modulesAbove(file: string, home: string): string[] {
  return above(file, home)
    .filter(folder => basename(folder) !== 'node_modules')
    .map(folder => join(folder, 'node_modules'))
    .filter(existsSync);
}

function above(file: string, home: string): string[] {
  const folder = dirname(file);
  return folder === file || whyHidden(folder, home) ? [] : [folder, ...above(folder, home)];
}

const isScript = (word: string) => /\.([cm]?[jt]s|pyz?|rb|jar|php|pl|sh)$/.test(word);

/** The files of a command that are programs: what it starts, and the script that this runs. */
export function programsOf([file = '', ...args]: readonly string[], cwd: string, path: string): string[] {
  const script = args.find(word => isScript(word) && existsSync(resolve(cwd, word)));
  const found = file.includes('/') ? resolve(cwd, file) : onPath(file, path);
  return [found, script && resolve(cwd, script)].filter(each => each !== undefined).filter(existsSync);
}

function onPath(name: string, path: string): string | undefined {
  return path
    .split(':')
    .filter(isAbsolute)
    .map(folder => join(folder, name))
    .find(file => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
