// The one place that says what is not run as it stands in the documents and in the help, and why. Everything else is run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bubblewrapHere } from '../../client/sandbox/sandbox-setup';
import { root } from '../documents';

interface NotRun {
  line: RegExp;
  because: string;
  /** Where it is run in the place of this: a file, and what stands in it. */
  runIn?: [file: string, text: string];
}

const rehearsal = 'plays weeks, which takes minutes';

/** Lines that are checked only for their words, see test/docs/docs.test.ts. */
export const notRun: NotRun[] = [
  {
    line: /^npx keyturn agent (?!.*--once)/,
    because: 'runs until it is told to end',
    runIn: ['test/client/agent/agent.test.ts', "kind: 'signal'"],
  },
  {
    line: /^npx keyturn broker /,
    because: 'stays up until it is told to end',
    runIn: ['test/client/run/behind-remote-broker.test.ts', '`keyturn broker`'],
  },
  {
    line: /^npx keyturn run --broker-at /,
    because: 'needs a broker on another machine',
    runIn: ['test/client/run/behind-remote-broker.test.ts', "'--broker-at'"],
  },
  {
    line: /^npx keyturn deliver /,
    because: 'nothing is delivered in the sandbox',
    runIn: ['test/bin/commands/deliver.test.ts', "run('deliver', name, '--dry-run')"],
  },
  {
    line: /^npx keyturn issuer set github-actions /,
    because: 'nothing is delivered in the sandbox',
    runIn: ['test/bin/commands/place-token.test.ts', "'issuer', 'set', 'github-actions'"],
  },
  {
    line: /^npx keyturn federation disable /,
    because: 'needs a federation at OpenAI, which the sandbox has not',
    runIn: ['test/bin/commands/federation-disable.test.ts', "'federation', 'disable'"],
  },
  ...(bubblewrapHere()
    ? []
    : [{ line: / --broker --sandbox /, because: 'this machine has no sandboxes, as it was just said' }]),
  // In a clone, these are what runs this test, or run beside it.
  { line: /^npm ci$/, because: 'made this clone ready before any test', runIn: ['.ci/run', 'npm ci'] },
  { line: /^npm test$/, because: 'is the run of tests that this is part of', runIn: ['.ci/run', 'npm test'] },
  {
    line: /^npm run test:faults$/,
    because: 'tries every call of every connector, which takes minutes',
    runIn: ['.ci/run', 'npm run test:faults'],
  },
  {
    line: /^npm run test:faults -- --skew 5$/,
    because: 'tries the same where clocks differ, which takes hours; a sample of it is a test',
    runIn: ['test/faults/faults.test.ts', 'skewSeconds: 5'],
  },
  {
    line: /^npx jest test\/connectors\/contract$/,
    because: 'is part of the run of tests',
    runIn: ['jest.config.js', "'<rootDir>/test'"],
  },
  {
    line: /^npm run test:fidelity\b/,
    because: 'prints the tables that a test of its own prints',
    runIn: ['test/docs/fidelity.test.ts', 'npm run test:fidelity -- --document docs/fidelity.md'],
  },
  {
    line: /^npm run bench\b/,
    because: 'measures for minutes',
    runIn: ['test/bench/rehearsal.test.ts', 'bench'],
  },
  { line: /^node scripts\/compare-templates\.mjs main$/, because: 'needs a branch to compare with' },

  // Rehearsals.
  { line: /^npm start$/, because: rehearsal, runIn: ['scripts/journey.ts', "['npm', 'start']"] },
  {
    line: /^npm start -- --environment prod$/,
    because: rehearsal,
    runIn: ['.ci/run', 'npm start -- --json'],
  },
  {
    line: /^npm start -- --config examples\/every-option\.ts$/,
    because: rehearsal,
    runIn: ['test/lib/stacks/every-option.test.ts', 'every-option'],
  },
  ...Object.entries({
    leak: ['test/packages/packed.test.ts', "'--scenario', 'leak'"],
    'false-alarm': ['test/rehearsal/incidents.test.ts', "play('false-alarm')"],
    'leak-report': ['test/rehearsal/leak-report.test.ts', 'playOwn('],
    deploys: ['test/rehearsal/deploys.test.ts', 'deploys'],
    estate: ['test/rehearsal/estate.test.ts', 'scenario: estate'],
    mass: ['test/rehearsal/mass.test.ts', 'mass'],
    regions: ['test/rehearsal/regions.test.ts', 'playOwn(regions'],
  } satisfies Record<string, [string, string]>).map(([scenario, runIn]) => ({
    line: new RegExp(`^npm start -- --scenario ${scenario}( --json)?$`),
    because: rehearsal,
    runIn,
  })),

  // What only a real account has. The stacks are synthesized in the place of these, see `synthesisOf`.
  {
    line: /^npx cdk bootstrap aws:\/\/333333333333\/eu-central-1$/,
    because: 'CDK makes its own stack in a real account',
  },
  { line: /^npx cdk (deploy|destroy|diff) /, because: 'CDK asks a real CloudFormation' },
  ...[
    'cloudformation update-termination-protection',
    'dynamodb delete-table',
    'iam attach-role-policy',
    'kms (describe-key|schedule-key-deletion|delete-alias)',
    'logs delete-log-group',
  ].map(call => ({
    line: new RegExp(`^aws ${call} `),
    because: 'the local AWS has no such call; the compiler has checked its parameters',
  })),

  {
    line: /^KEYTURN_ROLE=arn:aws:iam::333333333333:role\/\S+ AWS_REGION=\S+ npx keyturn run /,
    because: 'a sandbox has no credentials of another account',
    runIn: ['test/client/keys/secrets/assumed-role.test.ts', 'KEYTURN_ROLE'],
  },

  {
    line: /^pip install 'keyturn\[httpx\]'$/,
    because: 'PyPI has it from the first release on; the blocks below it run from its sources',
    runIn: ['test/client/behaviour/python-package.test.ts', "'--target', 'wheel'"],
  },

  // Another emulator, which is written in Python.
  ...[
    /^pip install 'moto/,
    /^MOTO_ACCOUNT_ID=\d+ moto_server /,
    /^export AWS_ENDPOINT_URL=/,
    /^npx keyturn status --env dev$/,
  ].map(line => ({ line, because: 'needs moto, which npm does not install' })),
];

/** @returns why the line is not run; `undefined` where it has to run */
export function whyNotRun(line: string): string | undefined {
  return notRun.find(each => each.line.test(line))?.because;
}

/** @returns those whose file does not run them any more */
export function notRunAnywhere(): string[] {
  return notRun.flatMap(({ line, runIn }) => {
    if (!runIn) return [];
    const [file, text] = runIn;
    return readFileSync(join(root, file), 'utf8').includes(text) ? [] : [`${line}: ${file} has no ${text}`];
  });
}

/** `npx cdk <command> ... -c environment=prod`: what can be done without an account. */
export function synthesisOf(line: string): string | undefined {
  const [, environment] = /^npx cdk (?:deploy|destroy|diff) .*-c environment=(\w+)/.exec(line) ?? [];
  return environment && `npx cdk synth --quiet -c environment=${environment}`;
}

/** What is found out of what the lines before have printed. */
export const placeholders: [RegExp, RegExp][] = [
  [/<(incident|revocation)>|\b20\d{6}T\d{6}Z-[0-9a-f]{8}\b/, /\b(\d{8}T\d{6}Z-[0-9a-f]{8})\b/],
  [/<key-id>|\bk1x9TfQvRb2mGqZJw7Ls\b/, /found (\S+) current/],
];

/** To the questions of `keyturn init`. */
export const answers = '--account 333333333333 --region eu-central-1 --server support-bot=sendgrid,openai';

/** What a person would answer: there is no terminal to type it at. */
export function withAnswers(line: string): string {
  if (/ (--yes|--dry-run)\b/.test(line)) return line;
  if (/^(npx )?keyturn init \S+$/.test(line)) return `${line} ${answers}`;
  if (/^(npx )?keyturn (revoke|rotate|end|rollback)\b/.test(line) || / discover .*--write /.test(line))
    return `${line} --yes`;
  // In a sandbox every secret has a key already.
  return /^(npx )?keyturn adopt\b/.test(line) ? `${line} --replace --yes` : line;
}

/**
 * Ends with 1 where it found something that needs attention, which is no failure: a finding, an incident, a key whose end is not proven
 * yet; and among all keys of a server there is one that only a person can make.
 */
export const mayFindSomething =
  /\bkeyturn (audit|check|discover|doctor|incidents|leaked|proof|report|status|why|(revoke|end) --env)\b/;
