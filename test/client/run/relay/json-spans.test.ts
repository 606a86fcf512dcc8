import {
  decode,
  elementsOf,
  membersOf,
  replaceIn,
  stringOf,
  textOf,
  valueOn,
} from '../../../../client/run/relay/json-spans';
import { fc } from '../../../support/fast-check';

// What comes out of JSON: it knows no -0.
const json = fc
  .oneof(fc.jsonValue(), fc.object({ withNullPrototype: false }))
  .map(value => JSON.parse(JSON.stringify(value)));
const spaced = fc.constantFrom(undefined, 1, '\t', '\r ');

describe('spans in JSON text', () => {
  it('finds every member and element that JSON.parse finds, whatever the spacing', () => {
    fc.assert(
      fc.property(json, spaced, (value, indent) => {
        const line = Buffer.from(JSON.stringify(value, undefined, indent));
        const span = valueOn(line)!;
        expect(decode(line, span)).toEqual(value);
        if (Array.isArray(value)) {
          expect(elementsOf(line, span)!.map(at => decode(line, at))).toEqual(value);
        } else if (typeof value === 'object' && value !== null) {
          const found = [...membersOf(line, span)!].map(([name, at]) => [name, decode(line, at)]);
          expect(found).toEqual(Object.entries(value));
        }
      }),
    );
  });

  it('changes only what it is told to change', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (rest, id) => {
        const line = Buffer.from(JSON.stringify({ id, ...rest, id2: id }));
        const at = membersOf(line, valueOn(line))!.get('id2')!;
        const changed = replaceIn(line, [{ at, by: '"new"' }]).toString();
        expect(changed).toBe(`${line.toString().slice(0, textBefore(line, at.start))}"new"}`);
      }),
    );
  });

  it.each(['', ' ', '{', '{"a"}', '{"a":1,}', '[1,]', '{"a":"b', '{"a":1} {"b":2}', '{a:1}', '[1 2]'])(
    'finds nothing in %j',
    text => {
      const line = Buffer.from(text);
      const span = valueOn(line);
      expect(span && (membersOf(line, span) ?? elementsOf(line, span))).toBeUndefined();
    },
  );

  it('takes the last of a repeated member, as JSON.parse does', () => {
    const line = Buffer.from('{"id":1,"\\u0069d":2}');
    expect(textOf(line, membersOf(line, valueOn(line))!.get('id')!)).toBe('2');
  });

  it('reads strings that end in backslashes', () => {
    const line = Buffer.from(JSON.stringify(['\\', '\\\\"', 'a"']));
    expect(elementsOf(line, valueOn(line)!)!.map(at => stringOf(line, at))).toEqual(['\\', '\\\\"', 'a"']);
  });
});

/** Characters before a byte offset. */
function textBefore(line: Buffer, bytes: number): number {
  return line.toString('utf8', 0, bytes).length;
}
