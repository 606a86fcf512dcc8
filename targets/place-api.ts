// The API of a place outside AWS, called with the token that a person has set. Its calls go the way of the connectors' calls: to one host
// alone, without redirects, sent again where that helps.
import { createCallLimits } from '../connectors/http/call-rate';
import { createHttp, type HttpCall, type HttpReply } from '../connectors/http/http';
import { hasCode, KeyturnError } from '../core/errors';
import type { CourierTools, PlaceToken } from './target';

export interface PlaceApi {
  /** @throws {KeyturnError} refused, where the same call would be refused again */
  send<Body>(method: 'GET' | 'PUT', path: string, call: TargetCall<Body>): Promise<HttpReply<Body>>;
}

type TargetCall<Body> = Omit<HttpCall<Body>, 'needs' | 'bearer'>;

interface PlaceOptions {
  to: string;
  token: PlaceToken;
  origin: string;
  /** What people call the place. */
  title: string;
}

export function openPlaceApi({ to, token, origin, title }: PlaceOptions, tools: CourierTools): PlaceApi {
  const { clock } = tools;
  const limits = createCallLimits(clock, 'pass-on');
  const http = () => createHttp({ provider: to, title: token.title, origins: [origin], clock, limits });
  let read: string | undefined;
  const readToken = async () => {
    read ??= await tools.readToken(to, token);
    return read;
  };

  return {
    async send(method, path, call) {
      const bearer = await readToken();
      try {
        return await http().send(method, path, { ...call, bearer, needs: token.needs });
      } catch (error) {
        if (hasCode(error, 'not-found'))
          throw new KeyturnError(
            'refused',
            `${title} does not exist, or the token may not see it; correct deliverTo, or give the token ${token.needs}`,
          );
        // Who looks again would be answered the same.
        if (hasCode(error, 'issuer-rejected', 'bad-issuer')) throw new KeyturnError('refused', error.message);
        throw error;
      }
    },
  };
}
