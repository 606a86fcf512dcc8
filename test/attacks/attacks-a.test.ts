// Every other attack; attacks-b.test.ts has the rest, so that two workers share them.
import { tryAttacks } from './try-attacks';

tryAttacks((_, n) => n % 2 === 0);
