// Which labels say that a key must end.
import { marksOf } from '../../../core/incident/marks';

test('marks of a containment and of a dropped rotation are told from labels that begin the same', () => {
  const own = ['KEYTURN-REVOKE', 'KEYTURN-REVOKE-0f1e2d', 'KEYTURN-DROPPED'];
  const others = [
    'KEYTURN-REVOKED',
    'KEYTURN-REVOKE-',
    'KEYTURN-DROPPED-2',
    'OUR-KEYTURN-REVOKE',
    'AWSCURRENT',
  ];
  expect(marksOf([...own, ...others])).toEqual(own);
});
