import { RegionInfo } from 'aws-cdk-lib/region-info';
import { partitionOf, regions } from '../../../../lib/config/aws/regions';

test('they are those that the CDK knows, each in its partition', () => {
  const known = RegionInfo.regions.map(({ name, partition }) => [name, partition]);
  expect(regions.map(region => [region, partitionOf(region)]).sort()).toEqual(known.sort());
});

test('what is no region has no partition', () => {
  expect(partitionOf('eu-middle-9')).toBeUndefined();
});
