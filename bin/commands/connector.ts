import { type AskPerson, untilRight, withPrompt } from '../input/questions';
import { filesOf, writeFiles } from '../scaffold/files';
import {
  type ConnectorPlan,
  fieldOf,
  kindNamed,
  originNamed,
  planOf,
  prefixNamed,
  providerNamed,
  scaffoldKinds,
} from '../scaffold/plan';
import { type Command, print } from '../terminal/command';
import { exitCode } from '../terminal/exit-code';

export interface ConnectorNewFlags {
  provider: string;
  kind?: string;
  prefix?: string;
  origin?: string;
  title?: string;
  json?: boolean;
}

/** Writes a connector of the kind, its dialect and what tests it: all compiles, and every promise is still to be kept. */
export const connectorNew: Command<ConnectorNewFlags> = async (flags, context) => {
  const { terminal } = context;
  const answers = terminal.canAsk
    ? await withPrompt(terminal.interrupted, ask => answersOf(flags, ask, terminal.err))
    : await answersOf(flags);
  const plan = planOf({ ...answers, ...(flags.title && { title: flags.title }) }, '.', context.clock.now());
  const files = filesOf(plan, '.');
  writeFiles(files, '.');
  print(context, flags, { provider: plan.provider, files: Object.keys(files) }, nextSteps(plan, files));
  return exitCode.done;
};

async function answersOf(flags: ConnectorNewFlags, ask?: AskPerson, say?: (text: string) => void) {
  const asked = untilRight(ask, say);
  const kindOf = (typed: string) => kindNamed(typed || 'issue');
  const provider = providerNamed(flags.provider);
  const kind =
    flags.kind !== undefined
      ? kindNamed(flags.kind)
      : await asked(`Kind: ${scaffoldKinds.join(', ')} (issue if you leave it empty)`, kindOf);
  const origin =
    flags.origin !== undefined
      ? originNamed(flags.origin)
      : await asked('Base URL of the API, such as https://api.example.com', originNamed);
  const prefix =
    flags.prefix !== undefined
      ? prefixNamed(flags.prefix)
      : await asked('What every key begins with, such as sk_ (empty if with nothing)', prefixNamed);
  return { provider, kind, origin, prefix };
}

function nextSteps({ provider, constant, places, isInside }: ConnectorPlan, files: object): string {
  const steps = isInside
    ? `  npx biome check --write ${places.connector} ${places.dialect}
  npx jest test/connectors/contract -t ${provider}

docs/add-a-connector.md says what each part promises. When the tests pass: npm run providers`
    : `  npm install --save-dev tsx zod
  npx tsx --test ${places.test}

Name it in config/keys.ts:

  import { ${constant} } from '../connectors/${provider}';

  connectors: {
    ${fieldOf(provider)}: {
      connector: ${constant},
      file: '${places.connector}',
      dialect: '${places.dialect}',
    },
  },`;
  return `Wrote:

${Object.keys(files)
  .map(place => `  ${place}\n`)
  .join('')}
Every check fails with what is to be written. Write the dialect first, then each \`fill\` of the connector:

${steps}
`;
}
