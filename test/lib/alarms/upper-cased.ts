/** CDK's names of properties as CloudFormation writes them. */
export function upperCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(upperCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      name.charAt(0).toUpperCase() + name.slice(1),
      upperCased(held),
    ]),
  );
}
