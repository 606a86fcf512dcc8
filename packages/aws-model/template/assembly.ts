// Reads a cloud assembly as CloudFormation would: every resource with its properties resolved and its names known.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../clock/virtual';
import { domainSuffixOf, partitionOf } from '../shared/arn';
import { stackArn } from '../shared/identifiers';
import { customType, isCustom } from './custom-type';
import { attributeOf, type Identity } from './identity';
import { isReplaced } from './physical-name';
import { resolve, type Scope } from './resolve';
import { resourceTypes } from './resource-types';

export interface Resource extends Identity {
  stack: string;
  /** Of its stack. */
  region: string;
  logicalId: string;
  /** Construct path, for people. */
  path: string;
  type: string;
  /** Resolved. */
  properties: Record<string, unknown>;
  metadata: Record<string, unknown>;
  /** Logical ids of those in its stack that it refers to, or that its `DependsOn` names. */
  dependencies: readonly string[];
  /** What becomes of it when its stack lets go of it. `RetainExceptOnCreate`: kept, but where its own creation is rolled back. */
  deletionPolicy: DeletionPolicy;
  /** What becomes of it when another takes its place. */
  updateReplacePolicy: 'Delete' | 'Retain';
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

export interface Assembly {
  account: string;
  region: string;
  /** Stack after stack; within each in an order that is left to chance, but for each coming after its dependencies. */
  resources: Resource[];
  /** Stacks that CloudFormation refuses to delete. */
  protectedStacks: string[];
  hasCode(lambdaFunction: Resource): boolean;
  /** Directory of a function's code. */
  codeDirectory(lambdaFunction: Resource): string;
}

interface Template {
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
  Parameters?: Record<string, { Default?: string }>;
  Resources: Record<string, Definition>;
}

interface Definition {
  Type: string;
  Properties?: object;
  Metadata?: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: DeletionPolicy;
  UpdateReplacePolicy?: 'Delete' | 'Retain';
}

/** Sections of a template, and parts of a resource, that are played, or that change nothing while a stack lives. */
const knownSections = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
];
const knownParts = ['DeletionPolicy', 'DependsOn', 'Metadata', 'Properties', 'Type', 'UpdateReplacePolicy'];

interface Manifest {
  artifacts: Record<
    string,
    {
      type: string;
      environment?: string;
      properties?: {
        templateFile?: string;
        terminationProtection?: boolean;
        cloudFormationExecutionRoleArn?: string;
      };
    }
  >;
}

/**
 * @param directory what `cdk synth` wrote
 * @param stacks which stacks, in the order of their deployment; all of one account, and its region is that of the first
 * @param deployed what is there already: it stays what it is, unless it is replaced
 */
export function readAssembly(
  directory: string,
  stacks: string[],
  random: Random,
  deployed: readonly Resource[] = [],
): Assembly {
  const manifest = readJson<Manifest>(join(directory, 'manifest.json'));
  const homes = new Map<string, { account: string; region: string }>();
  const assets = new Map<string, string>();
  const exports = new Map<string, string>();
  const resources = stacks.flatMap(stack => {
    const artifact = manifest.artifacts[stack];
    const templateFile = artifact?.properties?.templateFile;
    const [environment, account, region] =
      /^aws:\/\/(\d{12})\/([\w-]+)$/.exec(artifact?.environment ?? '') ?? [];
    if (!templateFile || !environment || !account || !region)
      throw new Error(
        `${directory} holds no stack ${stack} with an account and a region; synthesize it first`,
      );
    homes.set(environment, { account, region });
    for (const [hash, file] of readFileAssets(join(directory, `${stack}.assets.json`)))
      assets.set(hash, join(directory, file));
    const before = new Map(
      deployed.filter(resource => resource.stack === stack).map(resource => [resource.logicalId, resource]),
    );
    const home = { stack, account, region, random, before, exports };
    return readStack(readJson(join(directory, templateFile)), home);
  });
  const [home, ...otherHomes] = homes.values();
  if (!home || otherHomes.some(({ account }) => account !== home.account))
    throw new Error(
      `the stacks ${stacks.join(', ')} are not of one account: ${[...homes.keys()].join(', ')}`,
    );
  return {
    ...home,
    resources,
    protectedStacks: stacks.filter(stack => manifest.artifacts[stack]?.properties?.terminationProtection),
    hasCode: lambdaFunction => assets.has(assetOf(lambdaFunction)),
    codeDirectory(lambdaFunction) {
      const asset = assetOf(lambdaFunction);
      const found = assets.get(asset);
      if (!found) throw new Error(`${lambdaFunction.path} has no code in this assembly (asset ${asset})`);
      return found;
    },
  };
}

function assetOf({ properties }: Resource): string {
  const { S3Key = '' } = properties.Code as { S3Key?: string };
  return S3Key.replace(/\.zip$/, '');
}

/** ARN of the role through which CloudFormation deploys a stack, as the assembly says. */
export function executionRoleOf(directory: string, stack: string): string | undefined {
  const { artifacts } = readJson<Manifest>(join(directory, 'manifest.json'));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the manifest
  return artifacts[stack]?.properties?.cloudFormationExecutionRoleArn?.replace('${AWS::Partition}', 'aws');
}

function readStack(
  template: Template,
  home: {
    stack: string;
    account: string;
    region: string;
    random: Random;
    before: Map<string, Resource>;
    /** What stacks before it export; what it exports is added. */
    exports: Map<string, string>;
  },
): Resource[] {
  const { stack, account, region, random, exports } = home;
  refuseOthers(template, knownSections, stack);
  const done = new Map<string, Resource>();
  const started = new Set<string>();
  const pseudo: Record<string, string> = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': partitionOf(region),
    'AWS::URLSuffix': domainSuffixOf(region),
    'AWS::StackName': stack,
    'AWS::StackId': stackArn(home, stack),
  };
  /** @param dependencies gets every resource that is referred to */
  const scopeOf = (where: string, dependencies: Set<string>): Scope => ({
    where,
    ref(name) {
      const text = pseudo[name] ?? template.Parameters?.[name]?.Default;
      if (text !== undefined) return text;
      const resource = needed(name, dependencies);
      if (resource && isCustom(resource))
        throw new Error(
          `${where} refers to the custom resource ${name}, whose id only its function knows; the model does not play that`,
        );
      return resource?.ref;
    },
    attribute(logicalId, attribute) {
      const resource = needed(logicalId, dependencies);
      return resource && attributeOf(resource, attribute);
    },
    imported: name => exports.get(name),
  });

  function needed(logicalId: string, dependencies: Set<string>): Resource | undefined {
    const resource = make(logicalId);
    if (resource) dependencies.add(logicalId);
    return resource;
  }

  function make(logicalId: string): Resource | undefined {
    const definition = template.Resources[logicalId];
    if (!definition || done.has(logicalId)) return done.get(logicalId);
    if (started.has(logicalId)) throw new Error(`${stack}: ${logicalId} refers to itself in a circle`);
    started.add(logicalId);
    refuseOthers(definition, knownParts, `${stack}/${logicalId}`);
    const { Type: type, Properties = {}, Metadata: metadata = {}, DependsOn = [] } = definition;
    const known = knownType(type, Object.keys(Properties), `${stack}/${logicalId}`);
    const dependencies = new Set<string>();
    for (const other of [DependsOn].flat()) needed(other, dependencies);
    const scope = scopeOf(`${stack}/${logicalId}`, dependencies);
    const properties = resolve(Properties, scope) as Record<string, unknown>;
    const path = String(metadata['aws:cdk:path'] ?? `${stack}/${logicalId}`);
    const was = home.before.get(logicalId);
    const identity =
      was && !isReplaced(was, { type, properties })
        ? { ref: was.ref, arn: was.arn, attributes: was.attributes }
        : known.identify(properties, { account, region, stack, logicalId, random });
    const resource = {
      ...identity,
      stack,
      region,
      logicalId,
      path,
      type,
      properties,
      metadata,
      dependencies: [...dependencies],
      deletionPolicy: definition.DeletionPolicy ?? 'Delete',
      updateReplacePolicy: definition.UpdateReplacePolicy ?? 'Delete',
    };
    done.set(logicalId, resource);
    return resource;
  }

  for (const [logicalId, { Type }] of Object.entries(template.Resources)) {
    // Which library made the template; nothing is deployed for it.
    if (Type !== 'AWS::CDK::Metadata') make(logicalId);
  }
  const scope = scopeOf(`${stack}/Outputs`, new Set());
  for (const { Value, Export } of Object.values(template.Outputs ?? {}))
    if (Export) exports.set(String(resolve(Export.Name, scope)), String(resolve(Value, scope)));
  return inCreationOrder([...done.values()], random);
}

/** CloudFormation makes at any time whatever waits for nothing more. */
export function inCreationOrder(resources: readonly Resource[], random: Random): Resource[] {
  const waiting = new Map(resources.map(resource => [resource.logicalId, resource]));
  const ordered: Resource[] = [];
  while (waiting.size) {
    const free = [...waiting.values()].filter(
      ({ dependencies }) => !dependencies.some(id => waiting.has(id)),
    );
    const next = free[Math.floor(random() * free.length)];
    if (!next) throw new Error(`${[...waiting.keys()].join(', ')} wait for each other`);
    waiting.delete(next.logicalId);
    ordered.push(next);
  }
  return ordered;
}

/** @throws for a type or a property that the model does not play */
function knownType(type: string, properties: string[], where: string) {
  const add = 'add it to template/resource-types.ts';
  const known = isCustom({ type }) ? customType : resourceTypes[type];
  if (!known) throw new Error(`${where} is of type ${type}, which the model does not know; ${add}`);
  // Everything takes tags, and only those of secrets are played.
  const unknown = properties.find(each => each !== 'Tags' && !(known.properties?.includes(each) ?? true));
  if (unknown)
    throw new Error(`${where} (${type}) has the property ${unknown}, which the model does not play; ${add}`);
  return known;
}

function refuseOthers(written: object, known: string[], where: string): void {
  const unknown = Object.keys(written).find(part => !known.includes(part));
  if (unknown) throw new Error(`${where} has ${unknown}, which the model does not play; leave it out`);
}

/** Hash -> path in the assembly. */
function readFileAssets(file: string): [string, string][] {
  const { files } = readJson<{ files: Record<string, { source: { path: string } }> }>(file);
  return Object.entries(files).map(([hash, { source }]) => [hash, source.path]);
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
