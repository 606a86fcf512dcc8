// Every provider that accepts AWS roles keeps every promise of its kind.
import { connectors } from '../../../../connectors/index';
import { checks } from './checks';
import { federations, runCheck } from './setup';

describe.each(
  federations(Object.values(connectors)).map(connector => [connector.provider, connector] as const),
)('%s', (_provider, connector) => {
  test.each(
    checks.filter(({ where }) => where?.(connector) ?? true).map(check => [check.name, check] as const),
  )('%s', (_name, check) => runCheck(check, connector));
});
