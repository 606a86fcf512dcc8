// Every option of an environment at once, as a team with many accounts may need them. docs/options.md explains each; the
// rehearsal plays it: `npm start -- --config examples/every-option.ts`.
import { defineKeys } from '../lib/config/define-keys';

export const keys = defineKeys({
  environments: {
    prod: {
      account: '333333333333',
      region: 'eu-central-1',
      policy: 'prod',
      admins: ['arn:aws:iam::333333333333:role/platform-admin'],
      auditors: ['arn:aws:iam::333333333333:role/internal-audit'],
      deployers: ['arn:aws:iam::333333333333:role/deploy/cdk-keyturn-cfn-exec-role'],
      notify: {
        emails: ['mcp-oncall@example.com'],
        teams: { support: { emails: ['support-lead@example.com'] } },
        topics: [
          {
            arn: 'arn:aws:sns:eu-central-1:666666666666:incidents',
            gets: 'messages',
            kmsKey: 'arn:aws:kms:eu-central-1:666666666666:key/1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9',
          },
          { arn: 'arn:aws:sns:eu-central-1:333333333333:platform-chat', gets: 'chat' },
          { arn: 'arn:aws:sns:eu-central-1:666666666666:cloudwatch-alarms', gets: 'alarms' },
        ],
      },
      businessHours: {
        timeZone: 'Europe/Berlin',
        days: ['mon', 'tue', 'wed', 'thu', 'fri'],
        from: 9,
        to: 17,
      },
      trail: 'exists',
      containment: 'automatic',
      terminationProtection: true,
      emergencyConcurrency: 5,
      leakReports: { from: ['github', 'gitguardian', 'trufflehog'] },
      serverAccounts: ['444444444444'],
      tags: { 'cost-center': '4711', 'data-class': 'confidential' },
      permissionsBoundary: 'arn:aws:iam::333333333333:policy/platform/workload-boundary',
      rolePath: '/platform/',
      kmsKey: {
        arn: 'arn:aws:kms:eu-central-1:333333333333:key/0a1b2c3d-4e5f-4607-8192-a3b4c5d6e7f8',
        admins: ['arn:aws:iam::333333333333:role/security/key-keeper'],
      },
      vpc: {
        subnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0b1c2d3e4f5061728'],
        securityGroupIds: ['sg-0c1d2e3f405162738'],
      },
    },
  },

  servers: {
    'support-bot': {
      team: 'support',
      roles: { prod: 'arn:aws:iam::333333333333:role/support-bot' },
      tags: { 'cost-center': '0815' },
      // It runs in these regions, too.
      replicas: { prod: ['eu-west-1'] },
      // Parts of it take their keys once, when they start.
      deliverTo: {
        prod: [
          { to: 'ecs', cluster: 'mcp', service: 'support-bot' },
          { to: 'lambda', function: 'support-bot', alias: 'live' },
        ],
      },
      keys: [
        { provider: 'sendgrid', tier: 'high', scopes: ['mail.send'], env: 'SENDGRID_API_KEY' },
        { provider: 'openai', settings: { project: 'proj_support' }, env: 'OPENAI_API_KEY' },
        {
          provider: 'self-issued',
          purpose: 'clients',
          env: 'CLIENT_KEY',
          settings: { prefix: 'support' },
          deliverTo: [{ to: 'ssm', parameter: '/support-bot/clients' }],
        },
      ],
    },
    'code-bot': {
      team: 'developer-experience',
      // It runs in another account.
      roles: { prod: 'arn:aws:iam::444444444444:role/services/code-bot' },
      keys: [
        {
          provider: 'gitlab',
          scopes: ['read_api'],
          env: 'GITLAB_TOKEN',
          settings: { group: 'platform', accessLevel: 'reporter' },
        },
      ],
    },
  },
});
