// Commands for practice: an account on this machine that is rehearsed, and what can be done to it.
import { causableSignals, faults } from '../sandbox/requests';
import { type CommandDefinition, type Completes, type Flag, flag, flags } from './definition';

const { config, json, env } = flags;
const actions = () => import('../commands/sandbox');
const key = 'prod/sendgrid/support-bot';

interface SandboxCommand extends Pick<CommandDefinition, 'name' | 'about' | 'examples' | 'load'> {
  argument?: [syntax: string, completes?: Completes];
  flags?: Flag[];
}

const lines: SandboxCommand[] = [
  {
    name: 'start',
    about: 'run a simulated AWS account until Ctrl-C; needs no real AWS account, and changes none',
    flags: [
      config,
      env,
      flag('--speed <speed>', 'how fast time passes there; at 1x its dates agree with your clock', {
        default: '1x',
      }),
    ],
    examples: [
      ['npx keyturn sandbox start --env prod', 'practise in real time'],
      ['npx keyturn sandbox start --speed 60x', 'a minute passes each second'],
    ],
    load: async () => (await actions()).sandboxStart,
  },
  {
    name: 'env',
    about: 'print the variables that point commands, servers and the aws CLI to the sandbox',
    flags: [
      flag('--as <who>', 'admin, or the name of a server', { default: 'admin', completes: 'server' }),
      flag('--export', 'as shell commands'),
    ],
    examples: [
      ['eval "$(npx keyturn sandbox env --export)"', 'set them in this shell'],
      ['npx keyturn sandbox env --as support-bot > sandbox.env', 'as an MCP server has them'],
    ],
    load: async () => (await actions()).sandboxEnv,
  },
  {
    name: 'info',
    about: 'show the time there, what is broken, and the address of the page',
    examples: [['npx keyturn sandbox info', 'which time it is there, and what is broken']],
    load: async () => (await actions()).sandboxInfo,
  },
  {
    name: 'list',
    about: 'list the sandboxes that run',
    examples: [['npx keyturn sandbox list', 'those that run on this machine']],
    load: async () => (await actions()).sandboxList,
  },
  {
    name: 'mail',
    about: 'show the mail that on-call got',
    flags: [flag('--last <number>', 'how many mails', { default: '5' })],
    examples: [['npx keyturn sandbox mail --last 1', 'the newest']],
    load: async () => (await actions()).sandboxMail,
  },
  {
    name: 'steal',
    about:
      "play a thief: read a key from elsewhere with its server's credentials, and use it until it is refused",
    argument: ['<key>', 'key'],
    examples: [[`npx keyturn sandbox steal ${key}`, 'the message comes within minutes']],
    load: async () => (await actions()).sandboxSteal,
  },
  {
    name: 'break',
    about: 'make a provider fail',
    argument: ['<provider>', 'provider'],
    flags: [
      flag('--how <fault>', Object.keys(faults).join(', '), { default: 'down' }),
      flag('--for <duration>', 'for how long (default: until `sandbox mend`)'),
    ],
    examples: [['npx keyturn sandbox break sendgrid --how slow --for 20m', 'responses are slow for a while']],
    load: async () => (await actions()).sandboxBreak,
  },
  {
    name: 'reject',
    about: 'make a provider refuse a key that no one revoked',
    argument: ['<key>', 'key'],
    examples: [
      [`npx keyturn sandbox reject ${key}`, 'someone deleted the key in the console of its provider'],
    ],
    load: async () => (await actions()).sandboxReject,
  },
  {
    name: 'mend',
    about: 'end everything that break and reject began',
    examples: [['npx keyturn sandbox mend', 'after a drill']],
    load: async () => (await actions()).sandboxMend,
  },
  {
    name: 'alarm',
    about: 'make an alarm of a key go off',
    argument: ['<key>', 'key'],
    flags: [flag('--signal <signal>', causableSignals.join(', '), { default: causableSignals[0] })],
    examples: [[`npx keyturn sandbox alarm ${key} --signal volume-ceiling`, 'far too many requests']],
    load: async () => (await actions()).sandboxAlarm,
  },
  {
    name: 'lose-rotation',
    about: 'start a rotation whose new key is lost on its way from the provider',
    argument: ['<key>', 'key'],
    examples: [
      [
        `npx keyturn sandbox lose-rotation ${key}`,
        'a key that was never stored; the next rotation revokes it',
      ],
    ],
    load: async () => (await actions()).sandboxLoseRotation,
  },
  {
    name: 'advance',
    about: 'let time pass; everything that is due happens',
    argument: ['<duration>'],
    examples: [['npx keyturn sandbox advance 30d', 'a month, as fast as this machine can']],
    load: async () => (await actions()).sandboxAdvance,
  },
  {
    name: 'speed',
    about: 'change how fast time passes',
    argument: ['<speed>'],
    examples: [['npx keyturn sandbox speed 60x', 'a minute each second']],
    load: async () => (await actions()).sandboxSpeed,
  },
  {
    name: 'reset',
    about: 'start again with the account as it was; variables stay valid',
    examples: [['npx keyturn sandbox reset', 'before the next one practises']],
    load: async () => (await actions()).sandboxReset,
  },
  {
    name: 'stop',
    about: 'end the sandbox',
    examples: [['npx keyturn sandbox stop', 'when you are done']],
    load: async () => (await actions()).sandboxStop,
  },
];

/** What the argument is called in the flags: as it is in the help. */
const argumentOf = ([syntax, completes]: [string, Completes?]) => ({
  syntax,
  as: syntax.replace(/[<>]/g, ''),
  ...(completes && { completes }),
});

export function sandboxCommands(): CommandDefinition[] {
  const which = flag('--name <sandbox>', 'which sandbox, where several run', {
    default: process.env.KEYTURN_SANDBOX,
  });
  return lines.map(({ argument, flags: own = [], ...line }) => ({
    ...line,
    name: `sandbox ${line.name}`,
    ...(argument && { argument: argumentOf(argument) }),
    flags: [...own, which, json],
  }));
}
