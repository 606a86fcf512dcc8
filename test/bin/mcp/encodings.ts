// One key, and the forms in which it could slip through.
export const tail = 'q7Zr2Vn8Lx4Pw6Tk1Ys9Bd3Hf5Jm0Gc';
export const secret = ['SG', 'aB3dE5fG7hJ9kL1mN2pQ4r', tail].join('.');
export const encodings: [string, (key: string) => string][] = [
  ['as it is', key => key],
  ['in base64', key => Buffer.from(key).toString('base64')],
  ['in base64 of a URL', key => Buffer.from(key).toString('base64url')],
  ['in base64 within more', key => Buffer.from(`xy${key}z`).toString('base64')],
  ['in hexadecimal', key => Buffer.from(key).toString('hex')],
  ['in hexadecimal with colons', key => Buffer.from(key).toString('hex').match(/../g)!.join(':')],
  [
    'as a dump',
    key =>
      Buffer.from(key)
        .toString('hex')
        .match(/../g)!
        .map(pair => `0x${pair}`)
        .join(', '),
  ],
  ['as numbers', key => [...Buffer.from(key)].join(', ')],
  ['escaped for a URL', key => [...Buffer.from(key)].map(byte => `%${byte.toString(16)}`).join('')],
  ['escaped in part', key => key.replaceAll('.', '%2E')],
  ['escaped for JSON', key => [...Buffer.from(key)].map(byte => `\\u00${byte.toString(16)}`).join('')],
  ['as entities', key => [...Buffer.from(key)].map(byte => `&#${byte};`).join('')],
  ['with marks that nobody sees', key => key.replace(/(.{5})/g, '$1\u200b')],
];
