// Ends the server where the host cannot: an MCP client may kill the host with SIGKILL, and a server that ignores the end of
// its input would live on with a key in its memory. A shell in a session of its own waits for the host's pipe to break.
import { spawn } from 'node:child_process';

export interface Reaper {
  began(processGroup: number): void;
  ended(processGroup: number): void;
}

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
`;

export function startReaper(): Reaper {
  const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Without a shell there is one safeguard less, and nothing else to do about it.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return {
    began: group => void shell.stdin.write(`began ${group}\n`),
    ended: group => void shell.stdin.write(`ended ${group}\n`),
  };
}
