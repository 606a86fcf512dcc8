// What people read fits their terminal: no word is broken, nothing is cut, and every line is within the width.
import { fold } from '../../../bin/terminal/folding';
import { table } from '../../../bin/terminal/table';
import { fc } from '../../support/fast-check';

const head = ['KEY', 'STATE', 'ROTATED (UTC)', 'NEXT BY (UTC)', ''];
const rows = [
  ['prod/sendgrid/support-bot', 'current', '2026-12-12 09:00', '2027-02-12 11:00', ''],
  ['prod/gitlab/code-bot/merge', 'stuck', '-', '-', 'a rotation began 3 h ago and is still running'],
];

test('a table as wide as it needs', () => {
  expect(table(head, rows, 200)).toMatchInlineSnapshot(`
"KEY                         STATE    ROTATED (UTC)     NEXT BY (UTC)
prod/sendgrid/support-bot   current  2026-12-12 09:00  2027-02-12 11:00
prod/gitlab/code-bot/merge  stuck    -                 -                 a rotation began 3 h ago and is still running
"
`);
});

test('prose goes on below itself where there is room for it', () => {
  expect(table(head, rows, 100)).toMatchInlineSnapshot(`
"KEY                         STATE    ROTATED (UTC)     NEXT BY (UTC)
prod/sendgrid/support-bot   current  2026-12-12 09:00  2027-02-12 11:00
prod/gitlab/code-bot/merge  stuck    -                 -                 a rotation began 3 h ago
                                                                         and is still running
"
`);
});

test('the first cell stands above the others where there is none', () => {
  expect(table(head, rows, 80)).toMatchInlineSnapshot(`
"KEY
  STATE    ROTATED (UTC)     NEXT BY (UTC)
prod/sendgrid/support-bot
  current  2026-12-12 09:00  2027-02-12 11:00
prod/gitlab/code-bot/merge
  stuck    -                 -
    a rotation began 3 h ago and is still running
"
`);
});

test('each cell has a line of its own in a narrow window', () => {
  expect(table(head, rows, 44)).toMatchInlineSnapshot(`
"prod/sendgrid/support-bot
  STATE          current
  ROTATED (UTC)  2026-12-12 09:00
  NEXT BY (UTC)  2027-02-12 11:00
prod/gitlab/code-bot/merge
  STATE          stuck
  ROTATED (UTC)  -
  NEXT BY (UTC)  -
                 a rotation began 3 h ago
                 and is still running
"
`);
});

test('a sentence goes on two blanks further in, and a fact under its value', () => {
  expect(fold('keyturn: no AWS credentials found; run `aws sso login`\n', 40)).toBe(
    'keyturn: no AWS credentials found; run\n  `aws sso login`\n',
  );
  expect(fold('  rotates    weekly, on wed, between 12:00 and 14:00 UTC', 40)).toBe(
    '  rotates    weekly, on wed, between\n             12:00 and 14:00 UTC',
  );
});

const word = fc.stringMatching(/^[a-z]{1,12}$/);
const cell = fc.array(word, { maxLength: 12 }).map(words => words.join(' '));

test('no line is wider than the window, and no word is lost or broken', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, word, cell), { maxLength: 5 }),
      fc.integer({ min: 40, max: 120 }),
      (made, width) => {
        const shown = table(['FIRST', 'SECOND', 'PROSE'], made, width);
        for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
        const words = shown.split(/\s+/);
        for (const row of made)
          for (const each of row.flatMap(text => text.split(' ').filter(Boolean)))
            expect(words).toContain(each);
      },
    ),
  );
  fc.assert(
    fc.property(cell, fc.nat(6), fc.integer({ min: 40, max: 120 }), (text, blanks, width) => {
      const line = `${' '.repeat(blanks)}${text}`;
      const shown = fold(line, width);
      for (const each of shown.split('\n')) expect(each.length).toBeLessThanOrEqual(width);
      expect(shown.split(/\s+/).filter(Boolean)).toEqual(text.split(' ').filter(Boolean));
    }),
  );
});

test('a command stays whole, however long it is', () => {
  const command = `      npx keyturn silence prod/sendgrid/support-bot --for 4h --reason "${'why '.repeat(20)}"`;
  expect(fold(`Then run:\n${command}\n`, 80)).toBe(`Then run:\n${command}\n`);
});

test('a command in backticks moves to the next line as a whole', () => {
  const command = '`npx keyturn incidents show 20261129T182103Z-90ec8729 --env prod`';
  expect(fold(`  prod/sendgrid/support-bot is not contained yet; ${command}, tells all.\n`, 80)).toBe(
    `  prod/sendgrid/support-bot is not contained yet;\n    ${command}, tells\n    all.\n`,
  );
  expect(fold("it's `open".padEnd(90, ' x'), 80)).not.toMatch(/.{81}/);
});
