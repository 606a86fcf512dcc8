// A server that a test starts by itself on loopback, with a certificate of its own; and what runs it where the test is root.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { closeServer, listenOnLoopback } from '@keyturn/aws-model/wire/loopback';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** Of which `localhost` is a name. */
export interface Certificate {
  certificate: string;
  privateKey: string;
}

const dayMs = 86_400_000;

export async function makeCertificate(): Promise<Certificate> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  });
  const privateKey = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const body = privateKey.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    certificate: made.toString('pem'),
    privateKey: `-----BEGIN ${'PRIVATE'} KEY-----\n${body}\n-----END ${'PRIVATE'} KEY-----\n`,
  };
}

/** `undefined` where it is not installed. */
export function programOf(name: string): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(version => join(debian, version, 'bin')) : [];
  return [...versions, ...(process.env.PATH ?? '').split(delimiter)]
    .map(folder => join(folder, name))
    .find(file => existsSync(file));
}

/** PostgreSQL does not run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export interface OwnFolder {
  path: string;
  write(name: string, text: string): string;
  run(program: string, args: string[]): void;
  start(program: string, args: string[]): ChildProcess;
  remove(): void;
}

/** Whoever runs the server owns it. */
export function ownFolder(): OwnFolder {
  const path = mkdtempSync(join(tmpdir(), 'keyturn-server-'));
  const own = (file: string) => nobody.uid && chownSync(file, nobody.uid, nobody.gid);
  own(path);
  const options = { cwd: path, ...nobody };
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      own(file);
      chmodSync(file, 0o600);
      return file;
    },
    run(program, args) {
      const { status, stderr } = spawnSync(program, args, { ...options, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
    },
    start: (program, args) => spawn(program, args, { ...options, stdio: 'ignore' }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export async function freePort(): Promise<number> {
  const free = createServer();
  const port = await listenOnLoopback(free);
  await closeServer(free);
  return port;
}

/** @throws after 15 s */
export async function untilUp(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 150; ; tries--) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}

/** Ends it, and waits until it has ended. */
export async function stop(server: ChildProcess | undefined): Promise<void> {
  if (!server || server.exitCode !== null) return;
  const ended = new Promise(resolve => server.once('exit', resolve));
  server.kill('SIGINT');
  await ended;
}
