/** @throws where there is none. @param what it is: `a key of tier high` */
export function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the rehearsal needs ${what}, and there is none`);
  return value;
}
