// Quotas of AWS accounts that many keys meet: how much of each the configuration uses, by account and region. What else is in the
// account comes on top, and nothing here knows of it.
import { alarmsOf } from '../../lib/alarms/key-alarms';
import {
  deliveredKeys,
  type Environment,
  keysOf,
  replicaRegions,
  rotatingProviders,
  rulesOf,
} from '../../lib/config/config';
import { groupPolicies } from '../../lib/config/provider-groups';
import { mintsTokens, type ProviderName, providers } from '../../lib/config/providers';
import { platformUse } from './cost';

/** What one environment adds to an account. */
export interface AccountUse {
  readonly alarms: number;
  readonly anomalyModels: number;
  readonly roles: number;
  readonly policies: number;
  readonly stacks: number;
  readonly rules: number;
  readonly trails: number;
}

interface Quota {
  readonly what: string;
  readonly atMost: number;
  /** How wide AWS counts. */
  readonly per: 'account' | 'region';
  /** What to do as it comes near. */
  readonly fix: string;
}

const askFor = 'ask AWS for more (Service Quotas) before you deploy';

/** AWS's defaults, as its documentation has them on 2026-11-28. */
const quotas: Record<keyof AccountUse, Quota> = {
  alarms: {
    what: 'alarms of CloudWatch',
    atMost: 5_000,
    per: 'region',
    fix: 'some accounts have this quota, though AWS documents none any more; see Service Quotas, and ask AWS for more if yours has it',
  },
  anomalyModels: {
    what: 'anomaly detection models of CloudWatch',
    atMost: 500,
    per: 'region',
    fix: 'AWS does not raise it; give some keys tier "normal", which has no such alarm, or divide the environment among accounts or regions',
  },
  roles: {
    what: "IAM roles, the servers' own included",
    atMost: 1_000,
    per: 'account',
    fix: `${askFor}; up to 5,000`,
  },
  policies: { what: 'managed policies of IAM', atMost: 1_500, per: 'account', fix: `${askFor}; up to 5,000` },
  stacks: { what: 'stacks of CloudFormation', atMost: 2_000, per: 'region', fix: askFor },
  rules: {
    what: 'rules of EventBridge',
    atMost: 300,
    per: 'region',
    fix: `${askFor}; some regions have 100`,
  },
  trails: {
    what: 'trails of CloudTrail',
    atMost: 5,
    per: 'region',
    fix: "AWS does not raise it; write trail: 'exists' where the account has a trail of management events with reads",
  },
};

/** A warning begins here: an account has more in it than Keyturn. */
const nearFrom = 0.8;

export function accountUse(environment: Environment): AccountUse {
  const { servers, businessHours, trail, leakReports } = environment;
  const keys = keysOf(environment);
  const alarms = keys.flatMap(key => alarmsOf(key, businessHours));
  const { 'alarm metrics': ofPlatform = 0, 'composite alarms': composite = 0 } = platformUse(environment);
  const minting = servers.filter(server =>
    server.keys.some(({ address }) => mintsTokens(providers[address.provider as ProviderName])),
  );
  const functions = [
    'emergency-revoke',
    'retire',
    'removal-guard',
    'tell',
    'audit',
    ...(trail ? ['watch'] : []),
    ...(leakReports ? ['leak-report'] : []),
    ...(deliveredKeys(environment).length ? ['deliver'] : []),
  ];
  return {
    alarms: alarms.length + ofPlatform + composite,
    anomalyModels: alarms.filter(({ band }) => band).length,
    // Each function, each server and each region with replicas has one; the rules and stacks there count in their own region.
    roles:
      functions.length +
      rotatingProviders(environment).length +
      minting.length +
      servers.length +
      replicaRegions(environment).length,
    // A server of another account assumes a role here, which holds that policy itself.
    policies: servers.filter(({ assumedBy }) => !assumedBy).length + groupPolicies(environment, functions),
    stacks: 1 + servers.length,
    rules: rulesOf(environment).length - (trail ? 0 : 1),
    trails: trail === 'create' ? 1 : 0,
  };
}

export interface QuotaUse {
  /** `333333333333`, or `333333333333 eu-central-1` where AWS counts by region. */
  readonly place: string;
  readonly what: string;
  readonly used: number;
  readonly quota: number;
  readonly fix: string;
}

/** Of all environments together: several may be in one account. */
export function quotaUses(environments: readonly Environment[]): QuotaUse[] {
  const uses = new Map<string, QuotaUse>();
  for (const environment of environments) {
    const added = accountUse(environment);
    for (const [name, { what, atMost: quota, per, fix }] of Object.entries(quotas)) {
      const place = per === 'account' ? environment.account : `${environment.account} ${environment.region}`;
      const id = `${place} ${name}`;
      const used = (uses.get(id)?.used ?? 0) + added[name as keyof AccountUse];
      uses.set(id, { place, what, used, quota, fix });
    }
  }
  return [...uses.values()];
}

/** One text for each quota that is near or past. */
export function quotaWarnings(environments: readonly Environment[]): string[] {
  const number = (value: number) => value.toLocaleString('en');
  return quotaUses(environments)
    .filter(({ used, quota }) => used >= quota * nearFrom)
    .map(
      ({ place, what, used, quota, fix }) =>
        `account ${place}: ${number(used)} ${what} of the ${number(quota)} that AWS gives an account at first; ${fix}`,
    );
}
