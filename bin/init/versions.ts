// What a new repository installs, to the last digit: the versions that this version of Keyturn is tested with.
export const cdkVersions = { 'aws-cdk-lib': '2.276.0', constructs: '10.8.1' };
export const toolVersions = {
  '@types/node': '20.19.43',
  'aws-cdk': '2.1148.1',
  tsx: '4.23.15',
  typescript: '7.0.2',
};
