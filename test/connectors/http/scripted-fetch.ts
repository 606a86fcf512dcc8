// A fetch that answers from a script, and an http that uses it.
import { createCallLimits, type RefusedCreates } from '../../../connectors/http/call-rate';
import { createHttp, type HttpCall } from '../../../connectors/http/http';
import { TestClock } from '../../support/provider-setup';

type Answer = Response | Error;

/** Answers in turn, the last one for ever; keeps what was asked. */
export function scripted(...answers: [() => Answer, ...(() => Answer)[]]) {
  const asked: { url: string; init: RequestInit }[] = [];
  globalThis.fetch = async (input, init = {}) => {
    const answer = (answers[asked.length] ?? answers.at(-1)!)();
    asked.push({ url: String(input), init });
    if (!(answer instanceof Response)) throw answer;
    return answer;
  };
  return asked;
}

export function opened(refusedCreates: RefusedCreates = 'pass-on') {
  const clock = new TestClock();
  const origins = ['https://api.acme.test', 'https://sts.acme.test'];
  const limits = createCallLimits(clock, refusedCreates);
  return { clock, http: createHttp({ provider: 'acme', title: 'Acme', origins, clock, limits }) };
}

export const ok = () => Response.json({ fine: true });
export const call: HttpCall = { expect: [200], needs: 'the scope keys.write', bearer: 'FAKESECRETissuer' };
export const answered =
  (code: number, headers = {}) =>
  () =>
    new Response('FAKESECRETbody', { status: code, headers });
