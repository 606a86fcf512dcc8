// A stack's life, as CloudFormation leads it: created, changed and deleted one resource after the other; rolled back where one
// fails; and what it leaves behind, which is in the way of a later stack that gives something the same name.
import type { Random } from '../clock/virtual';
import { inCreationOrder, type Resource } from '../template/assembly';
import { isCustom } from '../template/custom-type';
import { isReplaced, physicalName } from '../template/physical-name';
import { AwsError } from '../wire/aws-error';

/** Deletes what an update has put something else in the place of: done last, if all else goes well. */
export type CleanUp = () => Promise<void>;

/** What is done with a resource where it lives. Each throws an AwsError where AWS refuses. */
export interface ResourceSites {
  create(resource: Resource): Promise<void> | void;
  /** It stays the same resource, or, where its function says so, leaves another behind. */
  // biome-ignore lint/suspicious/noConfusingVoidType: what changes in its place has nothing to return
  update(resource: Resource, before: Resource): Promise<CleanUp | undefined> | undefined | void;
  delete(resource: Resource): Promise<void> | void;
}

export type StackStatus =
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';

/** What keeps a stack from being deployed again. */
const blocking: readonly (StackStatus | 'NONE')[] = [
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_FAILED',
  'DELETE_FAILED',
];

export interface Deployed {
  status: StackStatus | 'NONE';
  /** What failed first, and whatever could not be undone or deleted. */
  failures: ResourceFailure[];
}

interface ResourceFailure {
  logicalId: string;
  text: string;
}

/** The names that are taken in an account and a region, by whichever stack, or left behind by one. */
export type TakenNames = Set<string>;

export class Stack {
  status: Deployed['status'] = 'NONE';
  private resources: Resource[] = [];

  constructor(
    readonly name: string,
    private readonly sites: ResourceSites,
    private readonly taken: TakenNames,
    private readonly random: Random,
    /** What stands there already, all of it made by this stack. @default - nothing: it is yet to be created */
    deployed: readonly Resource[] = [],
  ) {
    if (!deployed.length) return;
    this.status = 'CREATE_COMPLETE';
    this.resources = [...deployed];
    for (const name of deployed.map(physicalName)) if (name) taken.add(name);
  }

  /** As it stands. */
  get deployed(): readonly Resource[] {
    return this.resources;
  }

  /**
   * Creates the stack, or changes it into these resources.
   * @param options.failAt logical id of a resource that AWS refuses this time
   * @throws {AwsError} ValidationError, where the stack first has to be deleted
   */
  async deploy(wanted: readonly Resource[], options: { failAt?: string } = {}): Promise<Deployed> {
    if (blocking.includes(this.status))
      throw new AwsError(
        'ValidationError',
        `Stack:${this.name} is in ${this.status} state and can not be updated.`,
      );
    return this.resources.length || this.status !== 'NONE'
      ? this.change(wanted, options)
      : this.create(wanted, options);
  }

  /** @throws {AwsError} ValidationError, where it is protected */
  async delete(isProtected = false): Promise<Deployed> {
    if (isProtected)
      throw new AwsError(
        'ValidationError',
        `Stack [${this.name}] cannot be deleted while TerminationProtection is enabled`,
      );
    this.status = 'DELETE_IN_PROGRESS';
    const failures = await this.deleteAll(
      [...this.resources].reverse(),
      resource => resource.deletionPolicy === 'Delete',
    );
    this.status = failures.length ? 'DELETE_FAILED' : 'NONE';
    return { status: failures.length ? 'DELETE_FAILED' : 'DELETE_COMPLETE', failures };
  }

  private async create(wanted: readonly Resource[], { failAt }: { failAt?: string }): Promise<Deployed> {
    this.status = 'CREATE_IN_PROGRESS';
    const failure = await this.createAll(wanted, failAt);
    if (!failure) return this.end('CREATE_COMPLETE');
    this.status = 'ROLLBACK_IN_PROGRESS';
    const left = await this.deleteAll(
      [...this.resources].reverse(),
      ({ deletionPolicy }) => deletionPolicy !== 'Retain',
    );
    return this.end(left.length ? 'ROLLBACK_FAILED' : 'ROLLBACK_COMPLETE', [failure, ...left]);
  }

  private async change(wanted: readonly Resource[], { failAt }: { failAt?: string }): Promise<Deployed> {
    this.status = 'UPDATE_IN_PROGRESS';
    const before = [...this.resources];
    const cleanUps: [Resource, CleanUp][] = [];
    let failure: ResourceFailure | undefined;
    for (const resource of inCreationOrder(wanted, this.random)) {
      failure = await attempt(resource, async () => {
        if (resource.logicalId === failAt) throw new AwsError('InternalFailure', 'Internal failure.');
        const was = before.find(({ logicalId }) => logicalId === resource.logicalId);
        if (!was) await this.add(resource);
        else if (isReplaced(was, resource)) cleanUps.push([was, await this.replace(was, resource)]);
        else cleanUps.push([was, await this.keep(was, resource)]);
      });
      if (failure) return this.rollBack(before, failure);
    }
    this.status = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
    // What is left over goes last; where that fails, the update has succeeded all the same.
    const replaced = await cleanUpAll(cleanUps);
    const gone = before.filter(({ logicalId }) => !wanted.some(other => other.logicalId === logicalId));
    const left = await this.deleteAll(
      [...gone].reverse(),
      ({ deletionPolicy }) => deletionPolicy === 'Delete',
    );
    return this.end('UPDATE_COMPLETE', [...replaced, ...left]);
  }

  /** First what was changed becomes what it was, in an order that AWS does not tell; then what is new goes. */
  private async rollBack(before: readonly Resource[], failure: ResourceFailure): Promise<Deployed> {
    this.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const cleanUps: [Resource, CleanUp][] = [];
    const unchanged: ResourceFailure[] = [];
    const changed = this.resources.filter(resource => !before.includes(resource));
    if (this.random() < 0.5) changed.reverse();
    for (const now of changed) {
      const was = before.find(({ logicalId }) => logicalId === now.logicalId);
      if (!was || isReplaced(was, now)) continue;
      const failed = await attempt(now, async () => void cleanUps.push([now, await this.keep(now, was)]));
      if (failed) unchanged.push(failed);
    }
    if (unchanged.length) return this.end('UPDATE_ROLLBACK_FAILED', [failure, ...unchanged]);
    const added = this.resources.filter(resource => !before.includes(resource)).reverse();
    const left = [
      ...(await cleanUpAll(cleanUps)),
      ...(await this.deleteAll(added, ({ deletionPolicy }) => deletionPolicy !== 'Retain')),
    ];
    // What was to be replaced had not gone yet.
    this.resources.push(...before.filter(was => !this.resources.includes(was)));
    return this.end('UPDATE_ROLLBACK_COMPLETE', [failure, ...left]);
  }

  private end(status: StackStatus, failures: ResourceFailure[] = []): Deployed {
    this.status = status;
    return { status, failures };
  }

  private async createAll(wanted: readonly Resource[], failAt: string | undefined) {
    for (const resource of inCreationOrder(wanted, this.random)) {
      const failure = await attempt(resource, async () => {
        if (resource.logicalId === failAt) throw new AwsError('InternalFailure', 'Internal failure.');
        await this.add(resource);
      });
      if (failure) return failure;
    }
    return undefined;
  }

  private async add(resource: Resource): Promise<void> {
    const name = physicalName(resource);
    if (name && this.taken.has(name))
      throw new AwsError(
        'AlreadyExists',
        `Resource of type '${resource.type}' with identifier '${name}' already exists.`,
      );
    // What its function failed to make may be there in part, and is deleted like all else.
    if (isCustom(resource)) this.resources.push(resource);
    await this.sites.create(resource);
    if (isCustom(resource)) return;
    if (name) this.taken.add(name);
    this.resources.push(resource);
  }

  private async keep(was: Resource, resource: Resource): Promise<CleanUp> {
    const become = () => {
      this.resources = this.resources.map(other => (other === was ? resource : other));
    };
    if (isSame(was, resource)) {
      become();
      return nothingLeft;
    }
    // A custom resource that failed to change is told to be again what it was.
    if (isCustom(resource)) become();
    const cleanUp = await this.sites.update(resource, was);
    become();
    return cleanUp ?? nothingLeft;
  }

  /** The new one first; the old one is in nobody's way: it has another name. */
  private async replace(was: Resource, resource: Resource): Promise<CleanUp> {
    await this.add(resource);
    this.resources = this.resources.filter(other => other !== was);
    return async () => {
      if (was.updateReplacePolicy === 'Delete') await this.remove(was);
    };
  }

  /** @param goes false for those that are left behind, with their names */
  private async deleteAll(
    resources: readonly Resource[],
    goes: (resource: Resource) => boolean,
  ): Promise<ResourceFailure[]> {
    const failures: ResourceFailure[] = [];
    for (const resource of resources) {
      const failure = goes(resource) && (await attempt(resource, () => this.remove(resource)));
      if (failure) failures.push(failure);
      else this.resources = this.resources.filter(other => other !== resource);
    }
    return failures;
  }

  private async remove(resource: Resource): Promise<void> {
    await this.sites.delete(resource);
    const name = physicalName(resource);
    if (name) this.taken.delete(name);
  }
}

const nothingLeft: CleanUp = async () => {};

async function cleanUpAll(cleanUps: readonly [Resource, CleanUp][]): Promise<ResourceFailure[]> {
  const failures: ResourceFailure[] = [];
  for (const [resource, cleanUp] of cleanUps) {
    const failure = await attempt(resource, cleanUp);
    if (failure) failures.push(failure);
  }
  return failures;
}

async function attempt(
  { logicalId, type }: Resource,
  act: () => Promise<void>,
): Promise<ResourceFailure | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { logicalId, text: `${type}: ${error.message} (${error.code})` };
  }
}

function isSame(was: Resource, resource: Resource): boolean {
  return JSON.stringify(was.properties) === JSON.stringify(resource.properties);
}
