// Where the broker leads besides the hosts of keys.
import { lookup as systemLookup } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface OtherHosts {
  mayPass(host: string): Promise<boolean>;
  /** @default - as the system finds addresses */
  lookup?: LookupFunction;
}

/** For servers that reach all of them without the broker, too. */
export const allHosts: OtherHosts = { mayPass: async () => true };

/** The machine itself, and what clouds give their machines credentials by. An address of theirs may hide behind any name. */
const near = new BlockList();
near.addSubnet('127.0.0.0', 8);
near.addSubnet('0.0.0.0', 8);
near.addSubnet('169.254.0.0', 16);
near.addAddress('::1', 'ipv6');
near.addAddress('::', 'ipv6');
near.addSubnet('fe80::', 10, 'ipv6');
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
near.addSubnet('fd00:ec2::', 32, 'ipv6');

const isNear = (address: string) => near.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** @param names of which `*.example.com` stands for every host below example.com, and `*` for every one */
export function onlyHosts(names: readonly string[]): OtherHosts {
  const isNamed = (host: string) =>
    names.some(name => {
      if (name === '*') return true;
      return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
    });
  return {
    async mayPass(host) {
      const address = host.replace(/^\[|\]$/g, '');
      if (!isNamed(host)) return false;
      if (isIP(address)) return !isNear(address);
      // A name that is not found here may be known to the proxy that leads out of this network.
      const found = await resolve(host, { all: true }).catch(() => []);
      return !found.some(each => isNear(each.address));
    },
    // The name may have got another address since.
    lookup: ((host, options, done) =>
      systemLookup(host, options, (error, found, family) => {
        const addresses = Array.isArray(found) ? found.map(each => each.address) : [found];
        if (!error && addresses.some(isNear))
          return done(new Error(`${host} is an address of this machine`), '', 0);
        return (done as (...all: unknown[]) => void)(error, found, family);
      })) as LookupFunction,
  };
}
