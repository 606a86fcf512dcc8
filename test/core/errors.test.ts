import { hasCode, KeyturnError } from '../../core/errors';

/** As a connector has it that was bundled by itself. */
function anotherCopy(): typeof import('../../core/errors') {
  let copy: typeof import('../../core/errors') | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual('../../core/errors');
  });
  if (!copy) throw new Error('it was not loaded');
  return copy;
}

class OfOneKind extends KeyturnError {}

test('an error is known as one of Keyturn, whichever copy of the code it comes from', () => {
  const copy = anotherCopy();
  expect(copy.KeyturnError).not.toBe(KeyturnError);
  const thrown = new copy.KeyturnError('refused', 'no');
  expect(thrown instanceof KeyturnError).toBe(true);
  expect(hasCode(thrown, 'refused')).toBe(true);
  expect(new KeyturnError('refused', 'no') instanceof copy.KeyturnError).toBe(true);
});

test.each([new Error('no'), { name: 'KeyturnError', code: 'refused' }, 'KeyturnError', null, undefined])(
  '%p is none',
  thrown => expect(thrown instanceof KeyturnError).toBe(false),
);

test('a class made of it knows its own', () => {
  expect(new OfOneKind('refused', 'no') instanceof OfOneKind).toBe(true);
  expect(new KeyturnError('refused', 'no') instanceof OfOneKind).toBe(false);
  expect(new OfOneKind('refused', 'no') instanceof KeyturnError).toBe(true);
});
