// An application in a folder of its own, with the package as it is packed and the libraries that it is bundled with.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Project, repository } from '../../support/package.mjs';

const app = fileURLToPath(new URL('../app/', import.meta.url));

/** Taken from the repository: what the application uses, and what bundles it. */
const packages = [
  'esbuild', 'ioredis', 'mqtt', 'nodemailer', 'pg', 'rollup', 'undici', 'vite', 'webpack',
  '@rollup/plugin-commonjs', '@rollup/plugin-json', '@rollup/plugin-node-resolve',
]; // prettier-ignore

/** A Project with src/main.js, src/worker.js, src/index.html and these packages. */
export async function createApplication() {
  const project = await Project.create();
  fs.mkdirSync(project.file('src'));
  for (const name of ['main', 'worker']) fs.copyFileSync(path.join(app, `${name}.mjs`), project.file(`src/${name}.js`));
  fs.copyFileSync(path.join(app, 'index.html'), project.file('src/index.html'));
  for (const name of packages) {
    const place = project.file('node_modules', name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.symlinkSync(path.join(repository, 'node_modules', name), place, 'dir');
  }
  return project;
}
