// What OpenAI says to whoever asks for its models: of keys, and of tokens, which are used in the same way.
import * as z from 'zod/mini';
import type { Verdict } from '../../../core/provider';
import type { Http } from '../../http/http';

const models = z.object({ object: z.literal('list') });
export const failure = z.object({
  error: z.object({ message: z.string(), code: z.nullish(z.string()) }),
});
export const coded = (code: string) => failure.check(z.refine(({ error }) => error.code === code));
const lack = /^You have insufficient permissions for this operation\. .*Missing scopes?: /s;
/** What a live key gets that lacks the scope of a call, with 401 as well as with 403: by that, it is known. */
export const lacksScope = failure.check(
  z.refine(({ error }) => error.code !== 'invalid_api_key' && lack.test(error.message)),
);
const unknownKey = coded('invalid_api_key').check(z.refine(({ error }) => !lack.test(error.message)));

export function askForModels(http: Http, bearer: string): Promise<Verdict> {
  return http.probe('GET', '/v1/models', { origin: 'https://api.openai.com', bearer }, [
    ['accepted', 200, models],
    ['accepted', 401, lacksScope],
    ['accepted', 403, lacksScope],
    ['rejected', 401, unknownKey],
  ]);
}
