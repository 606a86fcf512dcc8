// A stack's life, as CloudFormation leads it: created, changed and deleted one resource after the other; rolled back where one
// fails; and what it leaves behind, which is in the way of a later stack that gives something the same name.
import type { Random } from '../clock/virtual';
import { inCreationOrder, isReplaced, physicalName, type Resource } from '../template/assembly';
import { AwsError } from '../wire/aws-error';

/** What is done with a resource where it lives. Each throws an AwsError where AWS refuses. */
export interface ResourceSites {
  create(resource: Resource): void;
  /** It stays the same resource. */
  update(resource: Resource, before: Resource): void;
  delete(resource: Resource): void;
}

export type StackStatus =
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';

export interface Deployed {
  status: StackStatus | 'NONE';
  /** What failed first, and whatever could not be deleted. */
  failures: { logicalId: string; text: string }[];
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
  ) {}

  /** As it stands. */
  get deployed(): readonly Resource[] {
    return this.resources;
  }

  /**
   * Creates the stack, or changes it into these resources.
   * @param options.failAt logical id of a resource that AWS refuses this time
   * @throws {AwsError} ValidationError, where the stack first has to be deleted
   */
  deploy(wanted: readonly Resource[], options: { failAt?: string } = {}): Deployed {
    if (
      this.status === 'ROLLBACK_COMPLETE' ||
      this.status === 'ROLLBACK_FAILED' ||
      this.status === 'DELETE_FAILED'
    )
      throw new AwsError(
        'ValidationError',
        `Stack:${this.name} is in ${this.status} state and can not be updated.`,
      );
    return this.resources.length || this.status !== 'NONE'
      ? this.change(wanted, options)
      : this.create(wanted, options);
  }

  /** @throws {AwsError} ValidationError, where it is protected */
  delete(isProtected = false): Deployed {
    if (isProtected)
      throw new AwsError(
        'ValidationError',
        `Stack [${this.name}] cannot be deleted while TerminationProtection is enabled`,
      );
    const failures = this.deleteAll(
      [...this.resources].reverse(),
      resource => resource.deletionPolicy === 'Delete',
    );
    this.status = failures.length ? 'DELETE_FAILED' : 'NONE';
    return { status: failures.length ? 'DELETE_FAILED' : 'DELETE_COMPLETE', failures };
  }

  private create(wanted: readonly Resource[], { failAt }: { failAt?: string }): Deployed {
    const failure = this.createAll(wanted, failAt);
    if (!failure) return this.end('CREATE_COMPLETE');
    const left = this.deleteAll(
      [...this.resources].reverse(),
      ({ deletionPolicy }) => deletionPolicy !== 'Retain',
    );
    return this.end(left.length ? 'ROLLBACK_FAILED' : 'ROLLBACK_COMPLETE', [failure, ...left]);
  }

  private change(wanted: readonly Resource[], { failAt }: { failAt?: string }): Deployed {
    const before = [...this.resources];
    const old = (logicalId: string) => before.find(resource => resource.logicalId === logicalId);
    const changed: Resource[] = [];
    let failure: Deployed['failures'][number] | undefined;
    for (const resource of inCreationOrder(wanted, this.random)) {
      failure = attempt(resource, () => {
        if (resource.logicalId === failAt) throw new AwsError('InternalFailure', 'Internal failure.');
        const was = old(resource.logicalId);
        if (!was) this.add(resource);
        else if (isReplaced(was, resource)) this.replace(was, resource);
        else this.keep(was, resource);
      });
      if (failure) break;
      changed.push(resource);
    }
    if (failure) {
      const added = changed.filter(({ logicalId }) => !old(logicalId)).reverse();
      const left = this.deleteAll(added, ({ deletionPolicy }) => deletionPolicy !== 'Retain');
      for (const { logicalId } of changed.filter(({ logicalId }) => old(logicalId))) {
        const [now, was] = [this.find(logicalId), old(logicalId)];
        if (now && was && now !== was) this.keep(now, was);
      }
      return this.end('UPDATE_ROLLBACK_COMPLETE', [failure, ...left]);
    }
    // What is left over goes last; where that fails, the update has succeeded all the same.
    const gone = before.filter(({ logicalId }) => !wanted.some(other => other.logicalId === logicalId));
    const left = this.deleteAll([...gone].reverse(), ({ deletionPolicy }) => deletionPolicy === 'Delete');
    return this.end('UPDATE_COMPLETE', left);
  }

  private end(status: StackStatus, failures: Deployed['failures'] = []): Deployed {
    this.status = status;
    return { status, failures };
  }

  private createAll(wanted: readonly Resource[], failAt: string | undefined) {
    for (const resource of inCreationOrder(wanted, this.random)) {
      const failure = attempt(resource, () => {
        if (resource.logicalId === failAt) throw new AwsError('InternalFailure', 'Internal failure.');
        this.add(resource);
      });
      if (failure) return failure;
    }
    return undefined;
  }

  private add(resource: Resource): void {
    const name = physicalName(resource);
    if (name && this.taken.has(name))
      throw new AwsError(
        'AlreadyExists',
        `Resource of type '${resource.type}' with identifier '${name}' already exists.`,
      );
    this.sites.create(resource);
    if (name) this.taken.add(name);
    this.resources.push(resource);
  }

  private keep(was: Resource, resource: Resource): void {
    if (!isSame(was, resource)) this.sites.update(resource, was);
    this.resources = this.resources.map(other => (other.logicalId === resource.logicalId ? resource : other));
  }

  /** The new one first; the old one is in nobody's way: it has another name. */
  private replace(was: Resource, resource: Resource): void {
    this.add(resource);
    this.resources = this.resources.filter(other => other !== was);
    if (was.updateReplacePolicy === 'Delete') this.deleteAll([was], () => true);
  }

  private find(logicalId: string): Resource | undefined {
    return this.resources.find(resource => resource.logicalId === logicalId);
  }

  /** @param goes false for those that are left behind, with their names */
  private deleteAll(
    resources: readonly Resource[],
    goes: (resource: Resource) => boolean,
  ): Deployed['failures'] {
    return resources.flatMap(resource => {
      const failure = goes(resource) && attempt(resource, () => this.remove(resource));
      if (failure) return failure;
      this.resources = this.resources.filter(other => other !== resource);
      return [];
    });
  }

  private remove(resource: Resource): void {
    this.sites.delete(resource);
    const name = physicalName(resource);
    if (name) this.taken.delete(name);
  }
}

function attempt({ logicalId, type }: Resource, act: () => void): Deployed['failures'][number] | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { logicalId, text: `${type}: ${error.message} (${error.code})` };
  }
}

function isSame(was: Resource, resource: Resource): boolean {
  return JSON.stringify(was.properties) === JSON.stringify(resource.properties);
}
