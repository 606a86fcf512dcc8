// Says whether this machine can put a server into a sandbox, and what keeps it from that: most of what does has one known fix.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { KeyturnError } from '../../core/errors';

export interface SandboxMachine {
  platform: NodeJS.Platform;
  /** Where bubblewrap is, if it is installed. */
  bubblewrap: string | undefined;
  /** Where nsenter is, if it is installed. */
  nsenter: string | undefined;
  /** Starts bubblewrap, and ends at once. @returns what went wrong, in its own words */
  attempt(bubblewrap: string): string | undefined;
  /** A value of the kernel. */
  setting(path: string): string | undefined;
  isContainer: boolean;
}

/** Namespaces of its own for all that the kernel has them for. */
export const isolation = ['--unshare-all', '--unshare-user', '--new-session', '--die-with-parent'];

/** @returns the path of bubblewrap @throws {KeyturnError} refused, with the reason and the fix */
export function probe(machine: SandboxMachine): string {
  const refused = (why: string, fix: string) =>
    new KeyturnError('refused', `--sandbox is not possible here: ${why}; ${fix}`);
  const { platform, bubblewrap, attempt, setting } = machine;
  if (platform !== 'linux')
    throw refused(`it needs Linux, and this is ${platform}`, 'leave out --sandbox, or use a Linux machine');
  if (!bubblewrap)
    throw refused(
      'bubblewrap (bwrap) is not installed',
      'install the package "bubblewrap" with apt, dnf, apk or pacman',
    );
  const said = attempt(bubblewrap);
  if (said === undefined) return bubblewrap;
  if (setting('/proc/sys/user/max_user_namespaces') === '0')
    throw refused('user namespaces are off', 'turn them on: sudo sysctl -w user.max_user_namespaces=15000');
  if (setting('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    throw refused(
      'user namespaces are off for ordinary users',
      'turn them on: sudo sysctl -w kernel.unprivileged_userns_clone=1',
    );
  if (setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    throw refused(
      `AppArmor does not let bubblewrap use user namespaces, as on Ubuntu 24.04 (its words: ${said})`,
      'load its profile: sudo apt install apparmor-profiles && sudo cp /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && sudo systemctl reload apparmor',
    );
  if (machine.isContainer)
    throw refused(
      `this container may not make namespaces (bubblewrap: ${said})`,
      'leave out --sandbox, and run the broker as a service of its own',
    );
  throw refused(`bubblewrap said: ${said}`, 'leave out --sandbox, or fix what it says');
}

/** @returns the path of nsenter, by which a server is reached that listens inside @throws {KeyturnError} refused */
export function probeWayIn({ nsenter }: SandboxMachine): string {
  if (nsenter) return nsenter;
  throw new KeyturnError(
    'refused',
    '--sandbox with --http is not possible here: nsenter is not installed; install the package "util-linux" with apt, dnf, apk or pacman',
  );
}

export function thisMachine(env: NodeJS.ProcessEnv): SandboxMachine {
  const onPath = (name: string) =>
    (env.PATH ?? '')
      .split(':')
      .map(folder => `${folder}/${name}`)
      .find(file => file.startsWith('/') && existsSync(file));
  return {
    platform: process.platform,
    bubblewrap: onPath('bwrap'),
    nsenter: onPath('nsenter'),
    attempt(bubblewrap) {
      const args = [...isolation, '--ro-bind', '/', '/', '--proc', '/proc', '--', 'true'];
      const { status, stderr, error } = spawnSync(bubblewrap, args, { encoding: 'utf8', timeout: 10_000 });
      if (status === 0) return undefined;
      return error?.message ?? (stderr.trim().split('\n')[0] || `it ended with ${status}`);
    },
    setting(path) {
      try {
        return readFileSync(path, 'utf8').trim();
      } catch {
        return undefined;
      }
    },
    isContainer:
      ['/.dockerenv', '/run/.containerenv'].some(existsSync) ||
      'KUBERNETES_SERVICE_HOST' in env ||
      'ECS_CONTAINER_METADATA_URI_V4' in env,
  };
}
