import { inspect } from 'node:util';
import { type Key, KeyRejected } from '../../../client';
import { callingCases } from './calling-cases';
import { readingCases } from './reading-cases';
import { type ClientUnderTest, type MakeClient, playTrial, type UseOptions } from './trial';

const typescript: MakeClient = ({ keys }): ClientUnderTest => ({
  async use({ url, name, way }: UseOptions) {
    const call = async ({ secret }: Key) => {
      if (way === 'broken') throw new TypeError('connection failed');
      const response = await fetch(url, { headers: { authorization: `Bearer ${secret}` } });
      if (response.status === 401 && way === 'KeyRejected') throw new KeyRejected();
      if (response.status === 401 && way === 'status')
        throw Object.assign(new Error('Unauthorized'), { status: 401 });
      if (response.status === 401 && way === 'response')
        throw Object.assign(new Error('Unauthorized'), { response: { statusCode: 401 } });
      return response;
    };
    return (await keys.use(name, call)).status;
  },
  async get(name) {
    const key = await keys.get(name);
    const printed = [
      inspect(key),
      inspect([{ key }]),
      JSON.stringify({ key }),
      inspect({ ...key }),
      String(key),
    ];
    return { secret: key.secret, keyId: key.keyId, fields: key.fields, printed };
  },
  env: () => keys.env(),
});

test.each([...readingCases, ...callingCases].map(({ name, play }) => [name, play] as const))(
  '%s',
  (_name, play) => playTrial(typescript, play),
);
