import { makeFirstKeys } from '../../../rehearsal/scenarios/parts/first-keys';
import { rehearsedAttack } from '../attack';

const escaped = (text: string, mark: string) =>
  [...Buffer.from(text)].map(byte => `${mark}${byte.toString(16).padStart(2, '0')}`).join('');
const inBase64 = (text: string) => Buffer.from(text).toString('base64');

/** As a provider might write what it was sent. */
const encodings: ((text: string) => string)[] = [
  text => text,
  text => escaped(text, '%'),
  text => escaped(text, '\\u00'),
  text => escaped(text, ''),
  text => JSON.stringify(Buffer.from(text)),
  text => [...text].map(letter => `&#${letter.charCodeAt(0)};`).join(''),
  ...['', 'a', 'ab', 'abc'].map(before => (text: string) => inBase64(before + text)),
  text => Buffer.from(`ab${text}yz`).toString('base64url'),
];

export const attack = rehearsedAttack({
  about:
    'a provider quotes the credential that created a key in the ids, names and scopes that it tells, in many encodings',
  guards: [
    {
      module: 'connectors/contract/safe-replies.ts',
      exports: {
        safeRepliesOf: `() => {
          const as = told => told;
          return { learn() {}, during: work => work(), issuedKey: as, listedKeys: as, mintedToken: as };
        }`,
      },
    },
  ],
  async play(context) {
    const { world, faults } = context;
    await makeFirstKeys(context);
    const { apiKey } = world.providers.dialect('sendgrid').issuer({}) as { apiKey: string };
    world.leaks.takeFound();
    const quotes = encodings.map(write => write(apiKey));
    for (const quote of quotes) {
      for (const field of ['scopes', 'api_key_id'] as const) {
        faults.ofProvider = ({ kind }) => {
          if (kind === 'list') {
            const result = [{ api_key_id: quote, name: quote }];
            return { kind: 'instead', answer: () => ({ status: 200, body: { result } }) };
          }
          if (kind !== 'create') return undefined;
          const told = field === 'scopes' ? [quote] : quote;
          return {
            kind: 'rewrite',
            change: reply => ({ ...reply, body: { ...(reply.body as object), [field]: told } }),
          };
        };
        await context.keyturn(['rotate', 'prod/sendgrid/bot', '--yes']);
      }
    }
    for (const line of context.cliOutput) world.leaks.look('the CLI', line);
    const told = world.leaks.takeFound();
    return told.length ? `the issuer credential: ${[...new Set(told)].slice(0, 3).join(', ')}` : undefined;
  },
});
