// Faults are planted into connectors by changing what they say or what http does for them.
import * as z from 'zod/mini';
import type { Connector } from '../../../connectors/contract/connector';
import type { Http, HttpCall, VerdictRules } from '../../../connectors/http/http';
import type { Verdict } from '../../../core/provider';
import { checksFor, runCheck } from './checks/all-checks';

export const but = <C extends object>(connector: C, changes: Partial<C>): C => ({ ...connector, ...changes });

/** The same connector with another http in its hands. */
export function through<C extends object>(connector: C, change: (http: Http) => Partial<Http>): C {
  const wrap = (method: unknown) =>
    typeof method !== 'function'
      ? method
      : (first: unknown, ...rest: unknown[]) => {
          const isHttp = typeof first === 'object' && first !== null && 'probe' in first;
          return method(isHttp ? { ...first, ...change(first as Http) } : first, ...rest);
        };
  return Object.fromEntries(Object.entries(connector).map(([name, value]) => [name, wrap(value)])) as C;
}

/** The same connector with every call that must succeed changed. */
export const calling = <C extends object>(connector: C, change: (call: HttpCall) => Partial<HttpCall>): C =>
  through(connector, http => ({
    send: <Body>(method: Parameters<Http['send']>[0], path: string, call: HttpCall<Body>) =>
      http.send(method, path, { ...call, ...(change(call as HttpCall) as Partial<HttpCall<Body>>) }),
  }));

/** The same connector with other conclusions drawn from the answers to `verify`. */
export const concluding = <C extends object>(
  connector: C,
  change: (rules: VerdictRules) => VerdictRules,
): C =>
  through(connector, http => ({
    probe: (method, path, request, proof) => http.probe(method, path, request, change(proof)),
  }));

/** As it would be if a status alone said something: before all else. */
export const byStatus =
  (verdict: Verdict, ...statuses: number[]) =>
  (rules: VerdictRules): VerdictRules => [
    ...statuses.map(status => [verdict, status, z.any()] as const),
    ...rules,
  ];

/** Throws unless a check of the suite notices that the connector is wrong. */
export async function expectCaught(connector: Connector): Promise<void> {
  for (const check of checksFor(connector)) {
    const caught = await runCheck(check, connector).then(
      () => false,
      () => true,
    );
    if (caught) return;
  }
  throw new Error('no check of the suite noticed');
}
