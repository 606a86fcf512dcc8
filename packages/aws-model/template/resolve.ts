// CloudFormation's intrinsic functions, as far as the templates use them; any other is an error.

/** What names stand for while a template is resolved. */
export interface Scope {
  where: string;
  /** @returns undefined for a name that is not known */
  ref(name: string): string | undefined;
  attribute(logicalId: string, attribute: string): string | undefined;
  /** What another stack exports under that name. */
  imported(name: string): string | undefined;
}

/** A deep copy with every intrinsic function replaced by what it gives. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map(item => resolve(item, scope)).filter(item => item !== noValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'))) {
    const intrinsic = intrinsics[name];
    // A policy statement can hold one key "Condition"; as a function it has text for an argument.
    if (name === 'Condition' && typeof argument !== 'string') return { Condition: resolve(argument, scope) };
    if (!intrinsic)
      throw new Error(
        `${scope.where} uses ${name}, which the model does not know; add it to template/resolve.ts`,
      );
    return intrinsic(argument, scope);
  }
  const resolved = entries.map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== noValue));
}

/** `{ Ref: 'AWS::NoValue' }`: what holds it goes. */
const noValue = Symbol('AWS::NoValue');

const intrinsics: Record<string, (argument: unknown, scope: Scope) => unknown> = {
  Ref: (name, scope) =>
    name === 'AWS::NoValue' ? noValue : known(scope.ref(String(name)), `Ref ${name}`, scope),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId = '', ...rest] = Array.isArray(argument)
      ? argument.map(String)
      : String(argument).split('.');
    const attribute = rest.join('.');
    return known(scope.attribute(logicalId, attribute), `Fn::GetAtt ${logicalId}.${attribute}`, scope);
  },
  'Fn::ImportValue': (argument, scope) => {
    const name = String(resolve(argument, scope));
    return known(scope.imported(name), `Fn::ImportValue ${name}`, scope);
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = resolve(argument, scope) as [string, unknown[]];
    return parts.map(String).join(separator);
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = resolve(argument, scope) as [number | string, unknown[]];
    return known(items[Number(index)], `Fn::Select ${index}`, scope);
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = resolve(argument, scope) as [string, string];
    return text.split(separator);
  },
  'Fn::Sub': (argument, scope) => {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const given = resolve(variables, scope) as Record<string, unknown>;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(given, name)) return String(given[name]);
      const [logicalId = '', ...rest] = name.split('.');
      const found = rest.length ? scope.attribute(logicalId, rest.join('.')) : scope.ref(name);
      return String(known(found, `Fn::Sub \${${name}}`, scope));
    });
  },
};

function known<T>(value: T | undefined, what: string, { where }: Scope): T {
  if (value !== undefined) return value;
  throw new Error(
    `${where}: ${what} names nothing in this template; see that the resource exists and has this attribute`,
  );
}
