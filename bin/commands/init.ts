import { relative, resolve } from 'node:path';
import { validateConfig } from '../../lib/config/validate-config';
import { type Answers, answersOf, type InitFlags } from '../init/answers';
import { keysInputOf } from '../init/keys-file';
import { repositoryFiles } from '../init/repository';
import { refuseFilled, writeRepository } from '../init/write-repository';
import { withPrompt } from '../input/questions';
import { type Command, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';

export interface InitCommandFlags extends InitFlags {
  /** @default - where the command runs */
  directory?: string;
  json?: boolean;
}

/** Writes the repository of a team's keys into a new or empty folder. */
export const init: Command<InitCommandFlags> = async (flags, context) => {
  const { terminal } = context;
  const directory = resolve(flags.directory ?? '.');
  // Before the questions: their answers would be lost.
  refuseFilled(directory);
  const answers = terminal.canAsk
    ? await withPrompt(terminal.interrupted, ask => answersOf(flags, ask, terminal.err))
    : await answersOf(flags);
  validateConfig(keysInputOf(answers));
  const files = repositoryFiles(directory, answers);
  writeRepository(directory, files);
  print(context, flags, { directory, files: Object.keys(files) }, nextSteps(directory, files, answers));
  return exitCode.done;
};

function nextSteps(directory: string, files: object, { environment }: Answers): string {
  const below = relative(process.cwd(), directory);
  const folder = below.startsWith('..') ? directory : below;
  const steps = [...(folder ? [`cd ${quotedForShell(folder)}`] : []), 'npm install', 'npm start'];
  return `Wrote ${Object.keys(files).length} files to ${directory}. Next:

${steps.map(step => `  ${step}\n`).join('')}
\`npm start\` rehearses ${environment} on this machine. Before you deploy, search config/keys.ts for "Replace".
`;
}

function quotedForShell(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
