import { defineKeys } from 'keyturn/config';
import { gateway } from '../connectors/gateway';
import { inhouse } from '../connectors/inhouse';

export const keys = defineKeys({
  connectors: {
    inhouse: {
      connector: inhouse,
      file: 'connectors/inhouse.ts',
      dialect: 'connectors/inhouse-dialect.ts',
    },
    // Servers reach it as their AWS role: no key of it exists.
    gateway: {
      connector: gateway,
      file: 'connectors/gateway.ts',
      dialect: 'connectors/gateway-dialect.ts',
    },
  },
  environments: {
    prod: {
      account: '333333333333',
      region: 'eu-central-1',
      policy: 'prod',
      admins: ['arn:aws:iam::333333333333:role/platform-admin'],
      notify: { emails: ['oncall@example.com'] },
      trail: 'exists',
    },
  },
  servers: {
    'search-bot': {
      team: 'search',
      roles: { prod: 'arn:aws:iam::333333333333:role/search-bot' },
      keys: [
        { provider: 'inhouse', tier: 'high', env: 'SEARCH_API_KEY', settings: { service: 'search' } },
        { provider: 'gateway', env: 'MODELS_TOKEN', federate: { client: 'search' } },
      ],
    },
  },
});
