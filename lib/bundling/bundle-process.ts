// Bundles the functions into the folder that it is given, and prints what it has read.
import { bundleFunctions } from './bundle';

async function main([folder]: string[]): Promise<void> {
  if (!folder) throw new Error('name the folder to bundle into');
  const metafiles = await bundleFunctions(folder);
  process.stdout.write(JSON.stringify(metafiles.map(({ inputs }) => ({ inputs }))));
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
