// `--watch`: the same facts again and again, in the place of the ones before where there is a terminal.
import { hasCode } from '../../core/errors';
import type { CommandContext } from './command';
import { exitCode } from './exit-code';

const everyMs = 10_000;

/** @param look prints what it finds. @returns once Ctrl-C is pressed, or nobody reads any more */
export async function refreshUntilLeft(
  context: CommandContext,
  look: (context: CommandContext) => Promise<number>,
): Promise<number> {
  const { terminal, clock } = context;
  const left = Promise.race([aborted(terminal.interrupted), aborted(terminal.unread)]);
  for (;;) {
    let shown = '';
    const out = (text: string) => {
      shown += text;
    };
    const code = await look({ ...context, terminal: { ...terminal, out } }).catch((error: unknown) => {
      // The next look may get an answer.
      if (!hasCode(error, 'no-answer', 'provider-down', 'rate-limited')) throw error;
      out(`keyturn: ${error.message}\n`);
      return exitCode.failed;
    });
    const at = clock.now().toISOString().slice(11, 19);
    terminal.redraw(`${shown}\n${at} UTC; refreshes every ${everyMs / 1000} s, Ctrl-C stops\n`);
    await Promise.race([clock.sleep(everyMs), left]);
    if (terminal.interrupted.aborted) return exitCode.interrupted;
    if (terminal.unread.aborted) return code;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
