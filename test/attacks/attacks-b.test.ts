import { tryAttacks } from './try-attacks';

tryAttacks((_, n) => n % 2 === 1);
