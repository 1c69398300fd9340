// Bundles a plugin's TypeScript into one module and reports it. Packages stay imports; types are somebody else's business.

import { createRequire } from 'node:module';
import { Channel } from './channel.mjs';

const channel = new Channel();
const esbuild = createRequire('/node_modules/vite/')('esbuild');

const place = (found) => ({ file: found.location?.file ?? '', line: found.location?.line ?? 0, message: found.text });
try {
  const built = await esbuild.build({
    absWorkingDir: '/plugin',
    entryPoints: ['src/index.ts'],
    outfile: '/dist/index.js',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    sourcemap: 'linked',
    sourcesContent: true,
    write: false,
    logLevel: 'silent',
    metafile: true,
    tsconfigRaw: channel.request.tsconfig,
  });
  for (const found of built.warnings) channel.say('warning', place(found));
  for (const file of built.outputFiles) channel.say('file', { name: file.path.slice(1), text: file.text });
  channel.say('sources', { names: Object.keys(built.metafile.inputs) });
  channel.say('imports', { names: built.metafile.outputs['../dist/index.js']?.imports.map((one) => one.path) ?? [] });
} catch (error) {
  for (const found of error.errors ?? [{ text: String(error) }]) channel.say('error', place(found));
}
channel.say('finished');
process.exit(0);
