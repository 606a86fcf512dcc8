// Commands about keys, from the first one to the end of each.
import { type CommandDefinition, flag, flags } from './definition';

const { inAccount, selection, yes, dryRun, reason } = flags;
const keys = { syntax: '[key...]', as: 'names', completes: 'key' } as const;
const oneKey = { syntax: '<key>', as: 'name', completes: 'key' } as const;

export const keyCommands: CommandDefinition[] = [
  {
    name: 'plan',
    about:
      'show every key: when it rotates, how long its old and new value overlap, what it costs; does not call AWS',
    flags: [
      flags.config,
      flags.env,
      ...selection,
      flag('--limits', 'show how close the templates are to the limits of AWS instead', {
        conflicts: ['server', 'provider', 'team'],
      }),
      flags.json,
    ],
    examples: [
      ['npx keyturn plan', 'every environment of the configuration'],
      ['npx keyturn plan --limits', 'how close stacks, policies and names are to the limits of AWS'],
      ['npx keyturn plan --env prod --team support', 'the keys of one team'],
    ],
    load: async () => (await import('../commands/plan')).plan,
  },
  {
    name: 'rehearse',
    argument: { syntax: '[options...]', as: 'options' },
    passesOn: true,
    about: 'try your configuration: months of rotations, a leak and an outage, on this machine alone',
    flags: [],
    examples: [],
    load: async () => (await import('../commands/rehearse')).rehearse,
  },
  {
    name: 'issue',
    argument: keys,
    about: 'create the first key of every secret that has none; safe to repeat',
    flags: [...inAccount, ...selection, dryRun],
    examples: [
      ['npx keyturn issue --env prod --dry-run', 'show which keys would be created'],
      ['npx keyturn issue --env prod', 'create every key that is missing'],
    ],
    load: async () => (await import('../commands/issue')).issue,
  },
  {
    name: 'discover',
    about: 'list keys that already exist at providers and on MCP hosts, and propose configuration entries',
    flags: [
      ...inAccount,
      ...flags.selection,
      flag('--hosts', 'also look through the configuration files of MCP hosts on this machine'),
      flag('--write <file>', 'write the proposal to a new file, after asking', { completes: 'file' }),
      yes,
    ],
    examples: [
      [
        'npx keyturn discover --env prod --hosts',
        'what Claude, Cursor, VS Code and others hold in plain text here',
      ],
      [
        'npx keyturn discover --env prod --provider sendgrid',
        'what a provider holds that Keyturn does not know',
      ],
      [
        'npx keyturn discover --env prod --hosts --write config/found-servers.ts',
        'and write the proposal to a file',
      ],
    ],
    load: async () => (await import('../commands/discover')).discover,
  },
  {
    name: 'adopt',
    argument: oneKey,
    about: 'take over a key that a person created; reads it from a hidden prompt or from stdin',
    flags: [
      ...inAccount,
      flag('--key-id <id>', "the provider's id of the key, if the key itself does not contain it"),
      flag('--field <name=value>', 'another value that servers need; repeatable', {
        default: [],
        repeats: true,
      }),
      flag('--replace', 'replace the current key, which is revoked after its overlap'),
      yes,
      dryRun,
    ],
    examples: [
      ['npx keyturn adopt prod/sendgrid/support-bot', 'paste the key into a prompt that does not show it'],
      [
        'op read op://vault/sendgrid/key | npx keyturn adopt prod/sendgrid/support-bot --replace --yes',
        'pipe it in from a password manager',
      ],
    ],
    load: async () => (await import('../commands/adopt')).adopt,
  },
  {
    name: 'status',
    about: 'show the state of every key, problems first; does not read any key',
    flags: [
      ...inAccount,
      ...selection,
      flag('--watch', 'look again every 10 s until Ctrl-C', { conflicts: ['json', 'csv'] }),
      flag('--csv', 'print one row per key, for a spreadsheet', { conflicts: ['json'] }),
    ],
    examples: [
      ['npx keyturn status --env prod', 'every key of prod'],
      ['npx keyturn status --env prod --csv > keys.csv', 'for a spreadsheet, or for an auditor'],
      ['npx keyturn status --env prod --watch', 'keep it on a screen during an incident'],
    ],
    load: async () => (await import('../commands/status')).status,
  },
  {
    name: 'report',
    about:
      'show the history of all keys, audit findings, incidents, rotation times and who can read each key, as one page; reads no key',
    flags: [
      ...inAccount,
      ...selection,
      flag('--html [file]', 'write the page, which is self-contained HTML, to a file or to stdout', {
        completes: 'file',
      }),
      flag('--since <duration>', 'how far back to show keys and incidents', { default: '180d' }),
      flag('--no-audit', 'leave the audit out, which asks the providers'),
    ],
    examples: [
      ['npx keyturn report --env prod --html keys.html', 'a page to open, to print or to mail'],
      ['npx keyturn report --env prod --team support --html > keys.html', 'the keys of one team'],
      ['npx keyturn report --env prod --json', 'the same facts for a program'],
    ],
    load: async () => (await import('../commands/report')).report,
  },
  {
    name: 'rotate',
    argument: keys,
    about: 'rotate keys now, without waiting for their schedule',
    flags: [
      ...inAccount,
      ...selection,
      flag('--unstick', 'end a stuck rotation before the new one starts'),
      yes,
      dryRun,
    ],
    examples: [
      ['npx keyturn rotate prod/sendgrid/support-bot', 'one key'],
      ['npx keyturn rotate --env prod --provider sendgrid --dry-run', 'show what would happen to several'],
    ],
    load: async () => (await import('../commands/rotate')).rotate,
  },
  {
    name: 'deliver',
    argument: keys,
    about: 'deliver current keys again to where their servers run, and follow them until they are there',
    flags: [...inAccount, ...selection, yes, dryRun],
    examples: [
      ['npx keyturn deliver prod/sendgrid/support-bot', 'after the cause of a failed delivery is fixed'],
      ['npx keyturn deliver --env prod --server support-bot --dry-run', 'show what it would do'],
    ],
    load: async () => (await import('../commands/deliver')).deliver,
  },
  {
    name: 'rollback',
    argument: oneKey,
    about: 'make the previous key current again, while its provider still accepts it',
    flags: [...inAccount, yes, dryRun],
    examples: [
      ['npx keyturn rollback prod/sendgrid/support-bot', 'when calls fail since the last rotation'],
      [
        'npx keyturn rollback prod/sendgrid/support-bot --dry-run',
        'ask whether the previous key still works',
      ],
    ],
    load: async () => (await import('../commands/rollback')).rollback,
  },
  {
    name: 'end',
    argument: keys,
    about:
      'revoke keys for good, before you take them out of the configuration; the providers must reject them',
    flags: [
      ...inAccount,
      ...selection,
      reason,
      flag('--forget', 'delete the secrets of ended keys, so that you can add the keys again'),
      flag(
        '--forget-version <id>',
        'take the labels off a version that holds no key, which an incident waits for',
      ),
      yes,
      dryRun,
    ],
    examples: [
      ['npx keyturn end prod/sendgrid/support-bot --reason "server is retired"', 'one key'],
      ['npx keyturn end --env prod --server support-bot --dry-run', 'show what would end with a server'],
    ],
    load: async () => (await import('../commands/end')).end,
  },
  {
    name: 'grants',
    about:
      'before a deploy: print the permissions that others must grant for the options of an environment; does not call AWS',
    flags: [flags.config, flags.env, flags.json],
    examples: [['npx keyturn grants --env prod', 'what to add to the policy of your own KMS key']],
    load: async () => (await import('../commands/grants')).grants,
  },
  {
    name: 'check',
    about:
      'before a deploy: compare the configuration with what is deployed; exit code 1 means do not deploy',
    flags: [...inAccount, ...selection],
    examples: [['npx keyturn check --env prod', 'in a pipeline, before `npx cdk deploy`']],
    load: async () => (await import('../commands/check')).check,
  },
];
