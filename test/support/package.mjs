// The package as a user gets it: packed, and installed into an empty project without any compiler in reach.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { temporaryDirectory } from './cleanup.mjs';

const execute = promisify(execFile);
export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** npm's own script, wherever it is installed. */
function npmScript() {
  const places = (process.env.PATH ?? '').split(path.delimiter).map((directory) => path.join(directory, 'npm'));
  const found = places.find((place) => fs.existsSync(place));
  if (found === undefined) throw new Error("The program 'npm' is missing. Node's installation comes with it.");
  return fs.realpathSync(found);
}

/** The text of a failed command, which `execFile` leaves out of its message. */
async function run(file, args, options) {
  try {
    return await execute(file, args, { maxBuffer: 16 * 1024 * 1024, ...options });
  } catch (error) {
    error.message += `\n${error.stdout}\n${error.stderr}`;
    throw error;
  }
}

export class Project {
  #temporary = temporaryDirectory();
  #npm = npmScript();

  /** Packs the repository as it is and installs that: { files, tarballSize, installSeconds } are then known. */
  static async create() {
    if (!fs.existsSync(path.join(repository, 'dist/index.js'))) {
      throw new Error("dist/ is missing: 'npm run build' makes it.");
    }
    const self = new Project();
    try {
      await self.#install(await self.#packAll());
    } catch (error) {
      self.stop();
      throw error;
    }
    return self;
  }

  /** A path in the project. */
  file(...parts) {
    return path.join(this.#temporary.path, 'project', ...parts);
  }

  /** A path in the installed package. */
  installed(...parts) {
    return this.file('node_modules', 'wasm-tls', ...parts);
  }

  /** Nothing of the caller's: no npm settings, no compilers, no other home. */
  get #environment() {
    return { PATH: path.join(this.#temporary.path, 'bin'), HOME: this.#temporary.path };
  }

  /** The package and what it depends on, which is taken from here as well: nothing is downloaded. */
  async #packAll() {
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(repository, 'package.json')));
    const own = await this.#pack(repository);
    this.files = own.files.map((file) => file.path);
    this.tarballSize = own.size;
    const others = Object.keys(dependencies).map((name) => this.#pack(path.join(repository, 'node_modules', name)));
    return [own, ...(await Promise.all(others))].map(({ filename }) => path.join(this.#temporary.path, filename));
  }

  async #pack(folder) {
    const args = [this.#npm, 'pack', '--json', '--ignore-scripts', '--pack-destination', this.#temporary.path];
    const { stdout } = await run(process.execPath, args, { cwd: folder });
    return JSON.parse(stdout)[0];
  }

  async #install(tarballs) {
    fs.mkdirSync(this.file(), { recursive: true });
    fs.mkdirSync(this.#environment.PATH);
    fs.symlinkSync(process.execPath, path.join(this.#environment.PATH, 'node'));
    this.write('package.json', JSON.stringify({ name: 'project', version: '1.0.0', private: true }));
    const start = performance.now();
    const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run(process.execPath, [this.#npm, 'install', ...flags, ...tarballs], {
      cwd: this.file(),
      env: this.#environment,
    });
    this.installSeconds = (performance.now() - start) / 1000;
  }

  write(name, text) {
    fs.writeFileSync(this.file(name), text);
    return this.file(name);
  }

  /** Runs a script of the project and returns what it printed, as JSON. */
  async node(name, text, ...args) {
    const { stdout } = await run(process.execPath, [this.write(name, text), ...args], {
      cwd: this.file(),
      env: this.#environment,
    });
    return JSON.parse(stdout);
  }

  /** Checks types with the repository's compiler. Rejects with its complaints. */
  async typecheck(options, ...files) {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      // Of the package itself, too: it is what users compile.
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [path.join(repository, 'node_modules/@types')],
      ...options,
    };
    const config = this.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    const compiler = path.join(repository, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [compiler, '-p', config], { cwd: this.file() });
  }

  stop() {
    this.#temporary.stop();
  }
}
