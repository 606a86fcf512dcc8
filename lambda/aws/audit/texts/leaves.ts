/** Every text in a value of any shape, with the way to it: `containerDefinitions.web.environment.API_KEY`. */
export function leavesOf(value: unknown, path = ''): { path: string; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  const at = (step: string) => (path ? `${path}.${step}` : step);
  if (!Array.isArray(value)) return Object.entries(value).flatMap(([name, held]) => leavesOf(held, at(name)));
  return value.flatMap((item: unknown, place) => {
    // Lists of named things, such as containers and their variables.
    const { name, value: held } = (item ?? {}) as { name?: unknown; value?: unknown };
    if (typeof name !== 'string') return leavesOf(item, at(String(place)));
    return held === undefined ? leavesOf(item, at(name)) : leavesOf(held, at(name));
  });
}
