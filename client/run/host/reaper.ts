// Ends what a server leaves behind, with its keys in memory: processes that it started in sessions of their own, which its
// process group does not hold; and all of it where an MCP client kills the host with SIGKILL.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export interface Reaper {
  /** What a server's process, and with it whatever it starts, has in its environment. */
  markOf(process: number): NodeJS.ProcessEnv;
  began(processGroup: number): void;
  ended(processGroup: number): void;
  /** Ends whatever the process has started and still runs. */
  endLeftovers(process: number): void;
}

const markName = 'KEYTURN_RUN';

/** A shell in a session of its own waits for the host's pipe to break. */
const script = `
live=" "
while read -r what group; do
  case $what in
    began) live="$live$group " ;;
    ended) live="\${live%% $group *} \${live#* $group }" ;;
  esac
done
sleep 1
for group in $live; do kill -s TERM -- "-$group"; done
sleep 1
for group in $live; do kill -s KILL -- "-$group"; done
for marked in $(grep -ls "$1" /proc/[0-9]*/environ); do
  marked=\${marked#/proc/}
  kill -s KILL "\${marked%/environ}"
done
`;

export function startReaper(): Reaper {
  const run = randomUUID();
  const markValue = (process: number) => `${run}.${process}.`;
  const shell = spawn('sh', ['-c', script, 'sh', `${markName}=${run}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    // Without the mark that a host around this one may have given: it must outlive both.
    env: { PATH: process.env.PATH },
  });
  // Without a shell there is one safeguard less, and nothing else to do about it.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return {
    markOf: process => ({ [markName]: markValue(process) }),
    began: group => void shell.stdin.write(`began ${group}\n`),
    ended: group => void shell.stdin.write(`ended ${group}\n`),
    endLeftovers(number) {
      for (const pid of processesWith(`${markName}=${markValue(number)}`)) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended meanwhile.
        }
      }
    },
  };
}

function processesWith(mark: string): number[] {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' });
    return stdout.split('\n').flatMap(line => (line.includes(mark) ? [Number.parseInt(line, 10)] : []));
  }
  return readdirSync('/proc').flatMap(name => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)
        ? [Number(name)]
        : [];
    } catch {
      // It is somebody else's, or has ended.
      return [];
    }
  });
}
