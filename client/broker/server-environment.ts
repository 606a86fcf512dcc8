// What a server's processes have in their environment, so that their requests go through the broker and they trust its certificates.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { rootCertificates } from 'node:tls';

export interface ServerEnvironment {
  variables: NodeJS.ProcessEnv;
  /** Certificates, with their folder; and all that are trusted. */
  files: { folder: string; all: string };
  /** Its files go. */
  remove(): void;
}

export interface EnvironmentParts {
  /** With its password. */
  proxyUrl: string;
  /** Of the broker. PEM */
  certificate: string;
  /** The environment of this process. */
  env: NodeJS.ProcessEnv;
}

export function createServerEnvironment({ proxyUrl, certificate, env }: EnvironmentParts): ServerEnvironment {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-broker-'));
  const files = { ours: join(folder, 'broker.pem'), all: join(folder, 'all.pem') };
  writeFileSync(files.ours, certificate);
  writeFileSync(files.all, [...rootCertificates, ...rootsOfMachine(env), certificate].join('\n'));
  const preload = join(__dirname, 'broker-preload.cjs').replace(/[\\"]/g, '\\$&');
  return {
    variables: {
      ...proxyVariables(proxyUrl),
      ...trustVariables(files, env),
      // First what the server was given: it may itself rely on preloads.
      NODE_OPTIONS: [env.NODE_OPTIONS, `--require "${preload}"`].filter(Boolean).join(' '),
      // First ours, which loads the next one: Python loads only the first that it finds.
      PYTHONPATH: [join(__dirname, 'python'), env.PYTHONPATH].filter(Boolean).join(delimiter),
      KEYTURN_BROKER_CERTIFICATE: files.ours,
    },
    files: { folder, all: files.all },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Both ways of writing them are read by somebody. What this machine reaches without a proxy goes through the broker, too: hosts of
 * keys may be among it, and the broker asks those directly.
 */
function proxyVariables(url: string): NodeJS.ProcessEnv {
  const set = { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: 'localhost,127.0.0.1,::1' };
  const small = Object.fromEntries(Object.entries(set).map(([name, value]) => [name.toLowerCase(), value]));
  return { ...set, ...small, NODE_USE_ENV_PROXY: '1' };
}

/** NODE_EXTRA_CA_CERTS adds to what is trusted; the others replace it. */
function trustVariables(
  { ours, all }: { ours: string; all: string },
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const replacing = [
    'SSL_CERT_FILE',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    'GIT_SSL_CAINFO',
    'DENO_CERT',
    'AWS_CA_BUNDLE',
  ];
  return {
    ...Object.fromEntries(replacing.map(name => [name, all])),
    NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS ? all : ours,
  };
}

/** Where systems have what they trust: Debian and Alpine, Fedora and Amazon Linux, macOS. */
export const systemRoots = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/** What this machine trusts besides. */
function rootsOfMachine(env: NodeJS.ProcessEnv): string[] {
  const named = [env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE, env.REQUESTS_CA_BUNDLE];
  const files = new Set([...systemRoots, ...named]);
  return [...files].flatMap(file => {
    try {
      return file ? [readFileSync(file, 'utf8')] : [];
    } catch {
      return [];
    }
  });
}
