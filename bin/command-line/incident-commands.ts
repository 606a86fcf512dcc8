// Commands for the day on which a key has leaked, and for the drills before it.
import { type CommandDefinition, flag, flags } from './definition';

const { inAccount, selection, yes, dryRun, reason } = flags;
const oneKey = { syntax: '<key>', as: 'name', completes: 'key' } as const;

export const incidentCommands: CommandDefinition[] = [
  {
    name: 'audit',
    about: 'check all keys, in AWS and at their providers, and list what should be fixed; changes nothing',
    flags: [
      flags.config,
      flag('--env <environment>', 'the environment (default: all that your credentials reach)', {
        completes: 'environment',
      }),
      ...flags.credentials,
      ...selection,
      flag('--hosts', 'also look through the configuration files of MCP hosts on this machine'),
      flag('--unused-after <duration>', 'for how long a key may be unused', { default: '90d' }),
      flag('--sarif', 'print the findings as SARIF 2.1.0, for code scanning', {
        conflicts: ['json', 'html', 'csv'],
      }),
      flag('--html', 'print a self-contained HTML page', { conflicts: ['json', 'csv'] }),
      flag('--csv', 'print a row for each finding, for a spreadsheet', { conflicts: ['json'] }),
      flags.json,
    ],
    examples: [
      ['npx keyturn audit --env prod', 'what should be fixed, worst first'],
      [
        'npx keyturn audit --env prod --hosts',
        'also which keys lie in plain text in the files of Claude, Cursor, ...',
      ],
      ['npx keyturn audit --sarif > keyturn.sarif', 'all environments in reach, for code scanning'],
      ['npx keyturn audit --env prod --team support --html > audit.html', 'a page for one team'],
    ],
    load: async () => (await import('../commands/audit')).audit,
  },
  {
    name: 'revoke',
    argument: { syntax: '[key...]', as: 'names', completes: 'key' },
    about: 'revoke keys now: replace them, revoke the old ones, and check that providers reject them',
    flags: [
      ...inAccount,
      ...selection,
      flag('--all', 'every key of the environment'),
      reason,
      flag('--grace <duration>', 'how long servers have to fetch the new key before the old one is revoked', {
        default: '90s',
      }),
      flag(
        '--revoke-first',
        'revoke the old key before its replacement exists; calls of its server fail until then',
      ),
      flag('--drill', 'let the emergency function do everything except change keys, and record an incident'),
      yes,
      dryRun,
    ],
    examples: [
      [
        'npx keyturn revoke prod/sendgrid/support-bot --reason "found in a public repository"',
        'one key has leaked',
      ],
      [
        'npx keyturn revoke --env prod --server support-bot --dry-run',
        'show what revoking all keys of a server does',
      ],
      ['npx keyturn revoke --env prod --all --reason "laptop stolen" --yes', 'every key, without a question'],
    ],
    load: async () => (await import('../commands/revoke')).revoke,
  },
  {
    name: 'federation disable',
    argument: { syntax: '<key>', as: 'name', completes: 'key' },
    about:
      'remove the trust by which a server gets tokens without a key; reads an admin credential of the provider from a hidden prompt or from stdin, and does not store it',
    flags: [flags.config, flags.env, flags.json, yes, dryRun],
    examples: [
      [
        'npx keyturn federation disable prod/openai/support-bot --dry-run',
        'show what would be disabled at the provider',
      ],
    ],
    load: async () => (await import('../commands/federation')).federationDisable,
  },
  {
    name: 'leaked',
    about:
      'report leaked keys: reads them, or the output of `trufflehog --json`, from a hidden prompt or stdin, and contains those that Keyturn manages',
    flags: [
      ...inAccount,
      flag('--where <place>', 'where they were found, if what you pipe in does not say it; shown to on-call'),
      dryRun,
    ],
    examples: [
      ['trufflehog git file://. --json | npx keyturn leaked --env prod', 'what a scanner has found'],
      [
        'npx keyturn leaked --env prod --where https://example.com/paste/1',
        'paste one key into a hidden prompt',
      ],
    ],
    load: async () => (await import('../commands/leaked')).leaked,
  },
  {
    name: 'leaked set-token',
    argument: { syntax: '<scanner>', as: 'scanner' },
    about: 'store the token with which gitguardian or trufflehog signs its reports',
    flags: [...inAccount, dryRun],
    examples: [['npx keyturn leaked set-token gitguardian --env prod', 'paste it into a hidden prompt']],
    load: async () => (await import('../commands/leaked')).setToken,
  },
  {
    name: 'incidents',
    about: 'list recent incidents, newest first',
    flags: [...inAccount, ...selection, flag('--since <duration>', 'how far back', { default: '7d' })],
    examples: [
      ['npx keyturn incidents --env prod --since 30d', 'those of the last 30 days'],
      ['npx keyturn incidents --env prod --team support', 'those of the keys of one team'],
    ],
    load: async () => (await import('../commands/incidents')).incidents,
  },
  {
    name: 'incidents show',
    argument: { syntax: '<incident>', as: 'incidentId' },
    about: 'show the timeline of one incident, open questions and next steps',
    flags: [...inAccount, ...selection],
    examples: [
      [
        'npx keyturn incidents show 20270112T031407Z-1a2b3c4d --env prod',
        'the id is in the message to on-call',
      ],
    ],
    load: async () => (await import('../commands/incidents')).showIncident,
  },
  {
    name: 'why',
    argument: { syntax: '[key]', as: 'name', completes: 'key' },
    about:
      'say why a key fails (or, without a key, find the worst problem): what was seen, and what to do; reads no key',
    flags: inAccount,
    examples: [
      ['npx keyturn why prod/sendgrid/support-bot', 'one key'],
      ['npx keyturn why --env prod', 'the key of prod to look at first'],
    ],
    load: async () => (await import('../commands/why')).why,
  },
  {
    name: 'proof',
    argument: { syntax: '[key-id]', as: 'keyId' },
    about: 'show the evidence that a revoked key is dead; takes the id that the provider gave the key',
    flags: [
      ...inAccount,
      ...selection,
      flag('--delays', 'how long each provider was seen to accept revoked keys'),
    ],
    examples: [
      ['npx keyturn proof k1x9TfQvRb2mGqZJw7Ls --env prod', 'that one key is dead, for an auditor'],
      ['npx keyturn proof --delays --env prod', 'what was measured of every provider'],
    ],
    load: async () => (await import('../commands/proof')).proof,
  },
  {
    name: 'silence',
    argument: oneKey,
    about: 'stop alarms from changing a key for a while; notifies on-call',
    flags: [
      ...inAccount,
      flag('--for <duration>', 'how long, at most 72h', { default: '4h' }),
      flag('--reason <text>', 'why; shown to the person on call'),
      flag('--off', 'end the silence'),
      dryRun,
    ],
    examples: [
      ['npx keyturn silence prod/sendgrid/support-bot --for 2h --reason "load test"', 'during a load test'],
      ['npx keyturn silence prod/sendgrid/support-bot --off', 'end it early'],
    ],
    load: async () => (await import('../commands/silence')).silence,
  },
  {
    name: 'test-alarm',
    argument: oneKey,
    about:
      'run a fire drill: set off an alarm of the key, and check that everything except the revocation happens',
    flags: [...inAccount, flag('--signal <signal>', "which of the key's alarms, such as off-hours"), dryRun],
    examples: [
      ['npx keyturn test-alarm prod/sendgrid/support-bot', 'after a deploy, and before you rely on alarms'],
    ],
    load: async () => (await import('../commands/test-alarm')).testAlarm,
  },
];
