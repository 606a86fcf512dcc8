// Functions whose configuration others change: updates that take a while, versions that stay as they were published, and aliases.
import type { Random, Virtual } from '../clock/virtual';
import { uuid } from '../shared/identifiers';
import { AwsError } from '../wire/aws-error';
import type { Functions } from './functions';

export interface ConfiguredFunction {
  name: string;
  roleArn: string;
  variables?: Readonly<Record<string, string>>;
  /** @default - a key of AWS's own */
  kmsKeyArn?: string;
  /** @default 3 */
  timeoutSeconds?: number;
  /** It points to version 1, and is what callers call. @default - they call the function itself */
  alias?: string;
  /** What its code does first, where new execution environments serve callers. @default - nothing */
  onStart?(): Promise<void>;
}

/** What Lambda decides. */
export interface UpdateCourse {
  takesMs: number;
  /** Of an update that does not go through. @default - it does */
  failsBy?: string;
  /** From publishing a version to its being ready. @default three seconds */
  publishingMs?: number;
}

export interface ConfiguredFunctions {
  find(nameOrArn: string): ConfiguredRecord | undefined;
  create(definition: ConfiguredFunction): void;
  /** How updates go from now on. @default two seconds, then successful */
  setCourse(name: string, course: UpdateCourse): void;
  /** Other code is uploaded. */
  setCode(name: string, sha256: string): void;
  /** Somebody sets its variables, which is through at once. */
  setVariables(name: string, variables: Readonly<Record<string, string>>): void;
  /** A share of the calls of an alias goes to another version. */
  setWeights(name: string, alias: string, weights: Readonly<Record<string, number>>): void;
  /** Which version an alias points to. */
  versionOf(name: string, alias: string): string | undefined;
  /** For the API. */
  snapshotOf(record: ConfiguredRecord, qualifier: string | undefined): Snapshot;
  aliasOf(record: ConfiguredRecord, alias: string): Alias;
  update(record: ConfiguredRecord, variables: Readonly<Record<string, string>>): void;
  publish(record: ConfiguredRecord): Snapshot;
  move(record: ConfiguredRecord, alias: string, version: string): Promise<Alias>;
}

export interface Snapshot {
  version: string;
  revisionId: string;
  code: string;
  variables: Readonly<Record<string, string>>;
  state: 'Pending' | 'Active';
  status: 'Successful' | 'InProgress' | 'Failed';
  reasonCode?: string;
}

export interface Alias {
  version: string;
  revisionId: string;
  weights: Readonly<Record<string, number>>;
}

export interface ConfiguredRecord {
  definition: ConfiguredFunction;
  latest: Snapshot;
  versions: Snapshot[];
  aliases: Map<string, Alias>;
  course: UpdateCourse;
}

const defaultCourse: UpdateCourse = { takesMs: 2000 };
const defaultPublishingMs = 3000;

export function createConfiguredFunctions(parts: {
  virtual: Virtual;
  random: Random;
  functions: Functions;
}): ConfiguredFunctions {
  const { virtual, random, functions } = parts;
  const records = new Map<string, ConfiguredRecord>();
  const revision = () => uuid(random);

  function snapshotOf(record: ConfiguredRecord, qualifier: string | undefined): Snapshot {
    const version = record.aliases.get(qualifier ?? '')?.version ?? qualifier ?? '$LATEST';
    const { latest, versions, definition } = record;
    const found = [latest, ...versions].find(each => each.version === version);
    if (found) return found;
    throw missing(`Function not found: ${functions.arnFor(`${definition.name}:${qualifier}`)}`);
  }

  function aliasOf({ aliases, definition }: ConfiguredRecord, alias: string): Alias {
    const found = aliases.get(alias);
    if (found) return found;
    throw missing(`Cannot find alias arn: ${functions.arnFor(`${definition.name}:${alias}`)}`);
  }

  function update(record: ConfiguredRecord, variables: Readonly<Record<string, string>>): void {
    const { course, definition, latest } = record;
    const { reasonCode: _, ...before } = latest;
    record.latest = { ...before, variables, revisionId: revision(), status: 'InProgress' };
    show(record);
    const at = new Date(virtual.now().getTime() + course.takesMs);
    virtual.schedule(at, `an update of ${definition.name}`, async () => {
      const { failsBy } = course;
      const ended = failsBy
        ? { status: 'Failed' as const, reasonCode: failsBy }
        : { status: 'Successful' as const };
      record.latest = { ...record.latest, ...ended, revisionId: revision() };
      if (!failsBy && !definition.alias) await definition.onStart?.();
    });
  }

  /** Whoever lists functions sees it as it is now. */
  function show({ definition, latest }: ConfiguredRecord): void {
    const { name, roleArn, kmsKeyArn } = definition;
    functions.add({
      name,
      roleArn,
      arn: functions.arnFor(name),
      environment: latest.variables,
      ...(kmsKeyArn && { kmsKeyArn }),
    });
  }

  /** One that is as the last one was is not published again. */
  function publish(record: ConfiguredRecord): Snapshot {
    const { latest, versions, definition, course } = record;
    const { publishingMs = defaultPublishingMs } = course;
    const last = versions.at(-1);
    const isSame =
      last?.code === latest.code && JSON.stringify(last.variables) === JSON.stringify(latest.variables);
    if (last && isSame) return last;
    const version: Snapshot = {
      ...latest,
      version: functions.publishVersion(definition.name),
      revisionId: revision(),
      state: publishingMs ? 'Pending' : 'Active',
    };
    record.versions = [...versions, version];
    record.latest = { ...latest, revisionId: revision() };
    const at = new Date(virtual.now().getTime() + publishingMs);
    virtual.schedule(at, `a version of ${definition.name}`, () => {
      version.state = 'Active';
    });
    return version;
  }

  async function move(record: ConfiguredRecord, name: string, version: string): Promise<Alias> {
    const before = aliasOf(record, name);
    const moved = { ...before, version, revisionId: revision() };
    record.aliases.set(name, moved);
    const { alias, onStart } = record.definition;
    if (version !== before.version && alias === name) await onStart?.();
    return moved;
  }

  return {
    find: nameOrArn => records.get(nameOrArn.replace(/^arn:.*:function:/, '').split(':')[0] ?? ''),
    snapshotOf,
    aliasOf,
    update,
    publish,
    move,
    create(definition) {
      const first: Snapshot = {
        version: '$LATEST',
        revisionId: revision(),
        code: 'first',
        variables: definition.variables ?? {},
        state: 'Active',
        status: 'Successful',
      };
      const record: ConfiguredRecord = {
        definition,
        latest: first,
        versions: [],
        aliases: new Map(),
        course: defaultCourse,
      };
      records.set(definition.name, record);
      show(record);
      if (!definition.alias) return;
      const { version } = publish(record);
      record.aliases.set(definition.alias, { version, revisionId: revision(), weights: {} });
    },
    setCourse(functionName, course) {
      const record = records.get(functionName);
      if (record) record.course = course;
    },
    setCode(functionName, code) {
      const record = records.get(functionName);
      if (record) record.latest = { ...record.latest, code, revisionId: revision() };
    },
    setVariables(functionName, variables) {
      const record = records.get(functionName);
      if (record) record.latest = { ...record.latest, variables, revisionId: revision() };
    },
    setWeights(functionName, alias, weights) {
      const record = records.get(functionName);
      if (record) record.aliases.set(alias, { ...aliasOf(record, alias), weights, revisionId: revision() });
    },
    versionOf: (functionName, alias) => records.get(functionName)?.aliases.get(alias)?.version,
  };
}

export function missing(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404);
}
