// Hosts of repositories refuse a push that holds what looks like a whole key, also a made-up one: tests build them from parts.
import { sources, textOf } from './sources';

const wellFormed: [string, RegExp][] = [
  ['GitLab', /glpat-[\w-]{20}/],
  ['SendGrid', /SG\.[\w-]{20,24}\.[\w-]{39,50}/],
  ['OpenAI', /sk-[\w-]*T3BlbkFJ/],
  ['GitHub', /gh[posur]_[A-Za-z0-9]{36}/],
  ['Slack', /xox[abp]-[\w-]{20}/],
  // AWS's own documentation has the one that ends so.
  ['AWS', /AKIA(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----(\\n|\n)\w{20}/],
];

test.each(wellFormed)('no source holds a whole key of %s', (_, pattern) => {
  expect(sources.filter(source => pattern.test(textOf(source)))).toEqual([]);
});

test.each<[string, string]>([
  ['GitLab', ['glpat', 'x'.repeat(20)].join('-')],
  ['SendGrid', ['SG', 'x'.repeat(22), 'y'.repeat(43)].join('.')],
  ['AWS', ['AKIA', 'X'.repeat(16)].join('')],
])('a whole key of %s would be seen', (provider, key) => {
  const [, pattern] = wellFormed.find(([name]) => name === provider) ?? [];
  expect(pattern?.test(`const key = '${key}';`)).toBe(true);
});
