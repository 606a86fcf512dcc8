// What keeps a machine from sandboxes is said with its fix.
import { probe, probeWayIn, type SandboxMachine } from '../../../client/sandbox/probe';

const able: SandboxMachine = {
  platform: 'linux',
  bubblewrap: '/usr/bin/bwrap',
  nsenter: '/usr/bin/nsenter',
  attempt: () => undefined,
  setting: () => undefined,
  isContainer: false,
};
const unable: SandboxMachine = { ...able, attempt: () => 'bwrap: No permissions to create new namespace' };
const having = (path: string, value: string) => (asked: string) => (asked === path ? value : undefined);

test('a machine that can is not asked for its settings', () => {
  expect(probe({ ...able, setting: having('/proc/sys/user/max_user_namespaces', '0') })).toBe(
    '/usr/bin/bwrap',
  );
});

test.each<[string, SandboxMachine, RegExp]>([
  ['another system', { ...able, platform: 'darwin' }, /needs Linux, and this is darwin; leave out --sandbox/],
  ['no bubblewrap', { ...able, bubblewrap: undefined }, /not installed; install the package "bubblewrap"/],
  [
    'no user namespaces',
    { ...unable, setting: having('/proc/sys/user/max_user_namespaces', '0') },
    /are off; turn them on: sudo sysctl -w user.max_user_namespaces=/,
  ],
  [
    'none for ordinary users',
    { ...unable, setting: having('/proc/sys/kernel/unprivileged_userns_clone', '0') },
    /off for ordinary users; .*sysctl -w kernel.unprivileged_userns_clone=1/,
  ],
  [
    'AppArmor',
    { ...unable, setting: having('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1') },
    /AppArmor .*No permissions.*; load its profile: .*bwrap-userns-restrict/,
  ],
  ['a container', { ...unable, isContainer: true }, /this container .*broker as a service of its own/],
  ['something else', unable, /bubblewrap said: bwrap: No permissions/],
])('%s', (_, machine, why) => {
  expect(() => probe(machine)).toThrow(
    expect.objectContaining({ code: 'refused', message: expect.stringMatching(why) }),
  );
});

test('a server over HTTP takes nsenter', () => {
  expect(probeWayIn(able)).toBe('/usr/bin/nsenter');
  expect(() => probeWayIn({ ...able, nsenter: undefined })).toThrow(
    '--sandbox with --http is not possible here: nsenter is not installed; install the package "util-linux"',
  );
});
