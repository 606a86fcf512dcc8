import { runInNewContext } from 'node:vm';
import { nextPage } from '../../../connectors/http/paging';
import type { Attack } from '../attack';

const header = '<?page=1'.repeat(16 * 1024);

/** What stood in the place of the parser: it tries every end for every beginning. */
const expression = '/<[^>]*[?&]page=(\\d+)[^>]*>;\\s*rel="next"/.exec(header)';

export const attack: Attack = {
  about: 'a provider sends a Link header that takes minutes to read, and holds up all others meanwhile',
  async run(guarded) {
    if (guarded) return nextPage('GitLab', new Headers({ link: header }));
    try {
      runInNewContext(expression, { header }, { timeout: 1_000 });
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      return `everything stood still for a second, and was not through with ${header.length} characters`;
    }
  },
};
