import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { trailBucketName, watchName } from '../config/aws/names';
import { type Environment, replicaRegions } from '../config/config';
import { EmptiedLog, emptiesTrailLog } from '../functions/removal-guard';
import { removalPolicyOf } from '../removal-policy';

export interface ReadTrailProps {
  readonly environment: Environment;
  /** ARN of the function that empties the bucket where it goes with the environment. */
  readonly guardArn: string;
}

/** A trail of management events, reads included: without one, EventBridge hears of no call at all. */
export class ReadTrail extends Construct {
  private readonly trail: CfnTrail;

  constructor(scope: Construct, id: string, { environment, guardArn }: ReadTrailProps) {
    super(scope, id);
    const isProd = environment.policy === 'prod';
    const { account, region, partition } = Stack.of(this);
    const trailName = watchName(environment.name, 'reads');
    const trailArn = `arn:${partition}:cloudtrail:${region}:${account}:trail/${trailName}`;
    const bucket = new Bucket(this, 'Log', {
      bucketName: trailBucketName(environment.name, account, region),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [{ expiration: Duration.days(isProd ? 400 : 30) }],
      removalPolicy: removalPolicyOf(environment.policy),
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It is the log of a trail; a log of who read the log would need a log itself.',
    });
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyEncrypted',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:*'],
        resources: [bucket.bucketArn, bucket.arnForObjects('*')],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    const byTrail = { ArnEquals: { 'aws:SourceArn': trailArn } };
    const writer = [new ServicePrincipal('cloudtrail.amazonaws.com')];
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailLooks',
        principals: writer,
        actions: ['s3:GetBucketAcl'],
        resources: [bucket.bucketArn],
        conditions: byTrail,
      }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailWrites',
        principals: writer,
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${account}/*`)],
        conditions: { ...byTrail, StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
    this.trail = new CfnTrail(this, 'Trail', {
      trailName,
      s3BucketName: bucket.bucketName,
      isLogging: true,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: false,
      isMultiRegionTrail: replicaRegions(environment).length > 0,
      eventSelectors: [
        {
          includeManagementEvents: true,
          readWriteType: 'All',
          // They are many, and tell nothing that Secrets Manager's own events do not.
          excludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
        },
      ],
    });
    // CloudTrail tries the bucket when the trail is made.
    if (bucket.policy) this.trail.node.addDependency(bucket.policy);
    if (emptiesTrailLog(environment)) {
      const emptied = new EmptiedLog(this, 'EmptiedLog', guardArn);
      emptied.node.addDependency(bucket);
      this.trail.node.addDependency(emptied);
    }
  }

  /** It writes as soon as it is there. A first deploy that fails afterwards could not delete the bucket. */
  beginAfter(...all: IConstruct[]): void {
    this.trail.node.addDependency(...all);
  }
}
