// Everything a scenario has in its hands: the world, the load on it, the ledger, and the CLI as an administrator uses it.

import { Readable, Writable } from 'node:stream';
import type { AwsFault, CallRecord, InterceptedCall } from '@keyturn/aws-model/wire/calls';
import { runProgram } from '../../bin/program';
import { createTerminal } from '../../bin/terminal/terminal';
import type { Environment } from '../../lib/config/config';
import type { OutsidePlaces } from '../places/outside-places';
import type { ProviderCall, ProviderFault, RecordedCall } from '../providers/fake-provider';
import { routedFetch } from '../providers/routed-fetch';
import { McpLoad } from '../servers/mcp-load';
import type { Ledger } from './counts/ledger';
import { needed } from './needed';
import type { World } from './world';

export interface RehearsalContext {
  environment: Environment;
  /** What was synthesized. */
  assemblyDirectory: string;
  world: World;
  /** Where keys are delivered to outside AWS. */
  outside: OutsidePlaces;
  ledger: Ledger;
  /** What goes wrong now; a scenario changes it as it goes. */
  faults: Faults;
  /** Told of every call to AWS when it has ended; a scenario may set it. */
  onAwsCall?: (record: CallRecord) => void;
  /** Told of every answer of a provider. */
  onProviderAnswer?: (call: RecordedCall) => void;
  /** What the CLI printed, for people and for the search for secrets. */
  cliOutput: string[];
  /**
   * Runs `keyturn <args>` as an administrator, on virtual time.
   * @param input what is piped in
   * @param config another configuration. @default - the one that is rehearsed
   * @returns the exit code
   */
  keyturn(args: string[], input?: string, config?: string): Promise<number>;
  /** Runs something as an administrator does on a laptop, on virtual time. */
  asAdministrator<T>(run: () => Promise<T>): Promise<T>;
  /** Has the servers' tools called until then. */
  startLoad(until: Date): Promise<McpLoad>;
  load?: McpLoad;
  /** What the scenario is about, as counted or measured; part of what `--json` prints. */
  findings: Record<string, unknown>;
  /** What the scenario could not play in this environment, and why: a line each. */
  leftOut: string[];
}

export interface Faults {
  ofProvider?: (call: ProviderCall) => ProviderFault | undefined;
  ofAws?: (call: InterceptedCall) => AwsFault | undefined;
  /** Since when nothing more is replicated to a region. */
  replicationStopped?: (region: string) => Date | undefined;
}

export interface RehearsalContextParts {
  environment: Environment;
  world: World;
  outside: OutsidePlaces;
  ledger: Ledger;
  faults: Faults;
  configFile: string;
  /** Where programs of the rehearsal may be written. */
  directory: string;
}

export function createRehearsalContext({
  environment,
  world,
  outside,
  ledger,
  faults,
  configFile,
  directory,
}: RehearsalContextParts): RehearsalContext {
  const cliOutput: string[] = [];
  const { clock } = world;
  const realFetch = globalThis.fetch;

  /** This process is the administrator's laptop while `run` runs: credentials, endpoints, and the way to the providers. */
  async function asAdministrator<T>(run: () => Promise<T>): Promise<T> {
    const variables = world.sdkEnvironment(
      needed(environment.admins[0], 'an administrator'),
      'administrator',
    );
    const before = Object.keys(variables).map(name => [name, process.env[name]] as const);
    Object.assign(process.env, variables);
    globalThis.fetch = routedFetch(world.providers.port, realFetch);
    try {
      return await clock.runWhile(run);
    } finally {
      globalThis.fetch = realFetch;
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  }

  const context: RehearsalContext = {
    environment,
    assemblyDirectory: directory,
    world,
    outside,
    ledger,
    faults,
    cliOutput,
    findings: {},
    leftOut: [],
    keyturn(args, input = '', config = configFile) {
      const said = new Writable({
        write(chunk, _encoding, done) {
          cliOutput.push(String(chunk));
          done();
        },
      });
      const terminal = createTerminal({ stdin: Readable.from([input]), stdout: said, stderr: said });
      const context = {
        terminal,
        clock: { now: () => clock.now(), sleep: (ms: number) => clock.sleep(ms) },
      };
      return asAdministrator(() => runProgram([...args, '--config', config], context));
    },
    asAdministrator,
    async startLoad(until) {
      const load = await McpLoad.start(world, environment, directory, until);
      context.load = load;
      return load;
    },
  };
  return context;
}
