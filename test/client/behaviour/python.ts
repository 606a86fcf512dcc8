// The Python client in a process of its own, driven over lines of JSON. Time is ours: it asks for it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { UsageMetric } from '../../../core/metrics/usage';
import { usageMetrics } from '../../../core/metrics/usage';
import { place, type SecretsSetup } from '../../support/secrets';
import type { ClientOptions, ClientUnderTest } from './trial';

export const clientFolder = join(__dirname, '../../../clients/python');

/** Ways of a program in Python to use its keys. */
export const lanes = ['Keys', 'AsyncKeys', 'KeyAuth', 'KeyAuth_async'] as const;
export type Lane = (typeof lanes)[number];

interface Message {
  id?: number;
  result?: unknown;
  error?: { code: string | null; message: string; name: string };
  ask?: 'now' | 'sleep';
  asked?: number;
  ms?: number;
  reports?: [string, Record<string, number>][];
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class PythonSubject {
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private secrets: SecretsSetup | undefined;
  private sent = 0;
  private said = '';

  constructor(python: string) {
    this.process = spawn(python, [join(clientFolder, 'tests/subject.py')], {
      env: { PATH: process.env.PATH, PYTHONPATH: join(clientFolder, 'src'), PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.process.stderr?.setEncoding('utf8').on('data', text => {
      this.said += text;
    });
    if (this.process.stdout) {
      createInterface({ input: this.process.stdout }).on('line', line => this.hear(JSON.parse(line)));
    }
    this.process.once('close', code => {
      for (const { reject } of this.waiting.values())
        reject(new Error(`the Python client ended with ${code}: ${this.said}`));
    });
  }

  /** A new client of the kind. */
  async open(
    lane: Lane,
    secrets: SecretsSetup,
    options: ClientOptions,
    env: Record<string, string> = {},
  ): Promise<ClientUnderTest> {
    this.secrets = secrets;
    await this.send({ do: 'open', lane, options, env: { ...awsVariables(secrets), ...env } });
    return {
      use: use => this.send({ do: 'use', use }) as Promise<number>,
      get: name => this.send({ do: 'get', name }) as ReturnType<ClientUnderTest['get']>,
      env: () => this.send({ do: 'env' }) as ReturnType<ClientUnderTest['env']>,
    };
  }

  send(command: object): Promise<unknown> {
    const id = ++this.sent;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.write({ id, ...command });
    });
  }

  async close(): Promise<void> {
    const closed = once(this.process, 'close');
    this.process.stdin?.end();
    await closed;
  }

  private write(message: object): void {
    this.process.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  private hear({ id, result, error, ask, asked, ms = 0, reports }: Message): void {
    if (ask) void this.tellTime(ask, ms, asked);
    for (const [provider, counted] of reports ?? []) {
      const address = { ...place, provider, purpose: 'main' };
      this.secrets?.reports.push({ address, counts: byMetric(counted) });
    }
    if (id === undefined) return;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) waiting?.reject(Object.assign(new Error(error.message), error));
    else waiting?.resolve(result);
  }

  /** A wait moves time: it takes none. */
  private async tellTime(ask: 'now' | 'sleep', ms: number, answer: number | undefined): Promise<void> {
    if (ask === 'sleep') await this.secrets?.aws.passMs(ms);
    this.write({ answer, now: this.secrets?.aws.clock.now().getTime() });
  }
}

/** What a program needs to reach the model. */
export function awsVariables({ aws }: SecretsSetup): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'support-bot',
    AWS_SECRET_ACCESS_KEY: 'not-checked',
    AWS_MAX_ATTEMPTS: '1',
  };
}

function byMetric(counted: Record<string, number>): Partial<Record<UsageMetric, number>> {
  const names = Object.entries(usageMetrics) as [UsageMetric, string][];
  return Object.fromEntries(
    Object.entries(counted).map(([name, times]) => [
      names.find(([, reported]) => reported === name)?.[0] ?? name,
      times,
    ]),
  );
}
