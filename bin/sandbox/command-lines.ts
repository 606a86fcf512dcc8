// The commands of `keyturn sandbox`: their names, flags and help.
import { type Command, Option } from 'commander';
import type { Command as Action } from '../terminal/command';
import { causableSignals, troubles } from './requests';

type Run = (load: () => Promise<Action<never>>, flags: object) => Promise<void>;
type Actions = typeof import('../commands/sandbox');

const oneKey = { syntax: '<key>', as: 'key' };

interface Line {
  name: string;
  about: string;
  argument?: { syntax: string; as: string };
  flags?: Option[];
  load(actions: Actions): Action<never>;
}

const flag = (syntax: string, about: string, defaultValue?: string) =>
  new Option(syntax, about).default(defaultValue);

const lines: Line[] = [
  {
    name: 'start',
    about: 'keep a rehearsed account up until Ctrl-C; needs no AWS account and changes nothing outside of it',
    flags: [
      flag('--config <file>', 'the configuration file', 'config/keys.ts'),
      flag('--env <environment>', 'the environment that is rehearsed; prod if there is one'),
      flag(
        '--speed <speed>',
        'how fast time passes in it, from 1x to 3600x; at 1x dates agree with your clock',
        '1x',
      ),
    ],
    load: actions => actions.sandboxStart,
  },
  {
    name: 'env',
    about: 'print the variables that lead commands, servers and the aws CLI into the sandbox',
    flags: [
      flag('--as <who>', 'admin, or the name of a server', 'admin'),
      flag('--export', 'as commands for a shell: eval "$(keyturn sandbox env --export)"'),
    ],
    load: actions => actions.sandboxEnv,
  },
  {
    name: 'info',
    about: 'show the time there, what is broken, and the address of the page',
    load: actions => actions.sandboxInfo,
  },
  { name: 'list', about: 'list the sandboxes that run', load: actions => actions.sandboxList },
  {
    name: 'mail',
    about: 'read what the mailbox of on-call got',
    flags: [flag('--last <number>', 'how many mails', '5')],
    load: actions => actions.sandboxMail,
  },
  {
    name: 'steal',
    argument: oneKey,
    about: "read a key from elsewhere with its server's credentials, and use it until it is refused",
    load: actions => actions.sandboxSteal,
  },
  {
    name: 'break',
    argument: { syntax: '<provider>', as: 'provider' },
    about: `make a provider fail: it is ${Object.keys(troubles).join(', ')}`,
    flags: [
      flag('--how <trouble>', Object.keys(troubles).join(', '), 'down'),
      flag('--for <duration>', 'for how long; else until it is mended'),
    ],
    load: actions => actions.sandboxBreak,
  },
  {
    name: 'reject',
    argument: oneKey,
    about: 'let a provider answer 401 to a key that nobody revoked',
    load: actions => actions.sandboxReject,
  },
  { name: 'mend', about: 'end everything that break and reject began', load: actions => actions.sandboxMend },
  {
    name: 'alarm',
    argument: oneKey,
    about: 'make an alarm of a key go off',
    flags: [flag('--signal <signal>', causableSignals.join(', '), causableSignals[0])],
    load: actions => actions.sandboxAlarm,
  },
  {
    name: 'lose-rotation',
    argument: oneKey,
    about: 'start a rotation whose new key gets lost on its way from the provider',
    load: actions => actions.sandboxLoseRotation,
  },
  {
    name: 'advance',
    argument: { syntax: '<duration>', as: 'duration' },
    about: 'let time pass, such as 10m or 30d; everything that is due happens',
    load: actions => actions.sandboxAdvance,
  },
  {
    name: 'speed',
    argument: { syntax: '<speed>', as: 'speed' },
    about: 'change how fast time passes, such as 60x',
    load: actions => actions.sandboxSpeed,
  },
  {
    name: 'reset',
    about: 'begin again with the account as it was; variables stay valid',
    load: actions => actions.sandboxReset,
  },
  { name: 'stop', about: 'end the sandbox', load: actions => actions.sandboxStop },
];

export function addSandboxCommands(program: Command, run: Run): void {
  const sandbox = program
    .command('sandbox')
    .description(
      'practise in a rehearsed account on this machine: steal keys, break providers, read the mail',
    );
  for (const { name, about, argument, flags = [], load } of lines) {
    const command = sandbox.command(argument ? `${name} ${argument.syntax}` : name).description(about);
    command.option('--name <sandbox>', 'which sandbox, if several run', process.env.KEYTURN_SANDBOX);
    for (const option of flags) command.addOption(option);
    if (name !== 'start') command.option('--json', 'print the same facts as one JSON document');
    command.action((...given: unknown[]) => {
      const [value, options] = argument ? given : [undefined, given[0]];
      return run(async () => load(await import('../commands/sandbox')), {
        ...(options as object),
        ...(argument && { [argument.as]: value }),
      });
    });
  }
}
