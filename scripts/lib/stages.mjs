// What `npm test` consists of. A stage is { name, after, run({ detail, log }) }; run() resolves to the
// tests that it counted or rejects with what is wrong.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { conformance } from '../conformance.mjs';
import { engineTypes } from '../setup.mjs';
import { filesUnder, hashOf, isCurrent, setStamp } from './hash.mjs';
import { build, inRepository, repository } from './paths.mjs';
import { Failure } from './report.mjs';
import { run } from './run.mjs';
import { ensureBuilt } from './steps.mjs';
import { ensureToolchain } from './toolchain.mjs';

const corpus = path.join(build, 'corpus');

function nodeTool(tool, ...args) {
  return [process.execPath, inRepository('node_modules', tool), ...args];
}

function cppFiles(...folders) {
  return folders.flatMap((folder) => filesUnder(folder, (name) => /\.(cc|h)$/.test(name)));
}

/** The number in the first group of `pattern` in `text`, or 0. */
function count(pattern, text) {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

// --- Formatters, linters and types.

const format = {
  name: 'format',
  run: (options) => run(nodeTool('prettier/bin/prettier.cjs', '--check', '.'), { ...options, cwd: repository }),
};

const lint = {
  name: 'lint',
  run: (options) => run(nodeTool('eslint/bin/eslint.js', '.', '--max-warnings', '0'), { ...options, cwd: repository }),
};

const types = {
  name: 'types',
  async run(options) {
    for (const project of [
      'host/tsconfig.json',
      'host/browser/tsconfig.json',
      'test/tsconfig.json',
      'test/tsconfig.browser.json',
      'test/tsconfig.node24.json',
      'web-demo/tsconfig.json',
    ]) {
      if (!fs.existsSync(inRepository(project))) continue;
      const command = nodeTool('typescript/bin/tsc', '--noEmit', '-p', project);
      await run(command, { ...options, cwd: repository });
    }
  },
};

const engineTypesStage = {
  name: 'engine-types',
  run() {
    if (engineTypes()?.same) return {};
    throw new Failure(
      'bindings/engine.d.ts is not what the bindings declare. If the change is meant:\n' +
        '  npm run build -- --accept-engine-types',
    );
  },
};

const clangFormat = {
  name: 'clang-format',
  async run(options) {
    const files = cppFiles('src', 'bindings', 'test', 'bench');
    const { wrap } = await nativeTools();
    await run(wrap(['clang-format', '--dry-run', '-Werror', ...files]), { ...options, cwd: repository });
  },
};

async function nativeTools() {
  const toolchain = await ensureToolchain('native');
  return { id: toolchain.id, wrap: (command) => toolchain.wrap(command) };
}

// One file takes seconds, so what was clean is remembered by the hash of all that it may include.
const clangTidy = {
  name: 'clang-tidy',
  after: ['engine'],
  async run({ detail, log }) {
    const database = await ensureBuilt('native-asan', ['tls_engine']);
    const { id, wrap } = await nativeTools();
    const headers = hashOf({ texts: [id], files: [...cppFiles('src', 'test').filter(isHeader), '.clang-tidy'] });
    const files = cppFiles('src', 'test/engine', 'test/kernels', 'bench/engine').filter((name) => !isHeader(name));
    const waiting = files.filter((file) => !isCurrent(tidyStamp(file), tidyHash(file, headers)));
    const problems = [];
    const worker = async () => {
      for (let file; (file = waiting.shift()); ) {
        detail(file);
        // The analyzer follows every path through GoogleTest's macros: most of the time, and no finding.
        const lighter = file.startsWith('test/') ? ['--checks=-clang-analyzer-*'] : [];
        const command = ['clang-tidy', '--quiet', ...lighter, '-p', path.relative(repository, database), file];
        const { status, stdout } = await run(wrap(command), { cwd: repository, allowFailure: true });
        if (status === 0) setStamp(tidyStamp(file), tidyHash(file, headers));
        else problems.push(stdout);
      }
    };
    await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
    fs.writeFileSync(log, problems.join('\n'));
    if (problems.length > 0) throw new Failure(`clang-tidy: ${problems.length} files have findings.`);
    return { note: `${files.length} files` };
  },
};

function isHeader(file) {
  return file.endsWith('.h');
}

function tidyStamp(file) {
  return `clang-tidy-${file.replace(/\W+/g, '-')}`;
}

function tidyHash(file, headers) {
  return hashOf({ texts: [headers], files: [file] });
}

// --- The engine, natively.

const engine = {
  name: 'engine',
  async run({ detail, log }) {
    const folder = await ensureBuilt('native-asan', ['engine_tests']);
    const { wrap } = await nativeTools();
    // The tests write the seeds of the fuzzers there.
    fs.rmSync(corpus, { recursive: true, force: true });
    fs.mkdirSync(corpus, { recursive: true });
    process.env.WASM_TLS_CORPUS = corpus;
    const command = wrap([path.join(folder, 'engine_tests'), '--gtest_brief=0']);
    const { status, stdout } = await run(command, { detail, log, cwd: repository, allowFailure: true, minutes: 15 });
    const passed = count(/\[ {2}PASSED {2}\] (\d+) tests?/, stdout);
    const failed = count(/\[ {2}FAILED {2}\] (\d+) tests?, listed below/, stdout);
    // A sanitizer ends the program without a summary, or after it.
    return { passed, failed: failed || (status === 0 && passed > 0 ? 0 : 1) };
  },
};

// A kernel is small, and compared with OpenSSL's C at each input: a third of the time finds what there is to find.
function fuzzTime(name, seconds) {
  return name.startsWith('kernel_') ? Math.ceil(seconds / 3) : seconds;
}

function fuzzStage(name, seconds) {
  return {
    name: `fuzz:${name}`,
    after: ['engine'],
    async run({ detail, log }) {
      const folder = await ensureBuilt('native-fuzz');
      const { wrap } = await nativeTools();
      const work = path.join(build, 'fuzz', name);
      const found = path.join(work, 'found');
      fs.mkdirSync(found, { recursive: true });
      const seeds = [path.join(corpus, name), inRepository('test/fuzz/corpus', name)];
      const limits = [`-max_total_time=${seconds}`, '-timeout=20', '-rss_limit_mb=2500', '-print_final_stats=1'];
      const program = path.join(folder, `fuzz_${name}`);
      const command = [
        program,
        ...limits,
        `-artifact_prefix=${work}/`,
        found,
        ...seeds.filter((seed) => fs.existsSync(seed)),
      ];
      let executions = '0';
      await run(wrap(command), {
        log,
        cwd: repository,
        minutes: 5 + seconds / 60,
        detail(line) {
          detail(line);
          executions = /number_of_executed_units: (\d+)/.exec(line)?.[1] ?? executions;
        },
      });
      return { note: `${executions} inputs in ${seconds} s` };
    },
  };
}

const valgrindHeaders = path.join(build, 'valgrind-headers');

// The kernels on secrets that count as uninitialised memory: memcheck reports each branch and each address that depends on
// one. The machine's valgrind and its headers belong together; the build sees nothing of the machine but this checkout.
const constantTime = {
  name: 'constant-time',
  after: ['engine'],
  async run({ detail, log }) {
    fs.cpSync('/usr/include/valgrind', path.join(valgrindHeaders, 'valgrind'), { recursive: true });
    const folder = await ensureBuilt('native-constant-time', ['constant_time']);
    const command = ['valgrind', '--track-origins=yes', path.join(folder, 'constant_time')];
    const { status, stdout } = await run(command, { detail, log, cwd: repository, allowFailure: true, minutes: 15 });
    const passed = stdout.match(/^ok /gm)?.length ?? 0;
    const failed = stdout.match(/^not ok /gm)?.length ?? 0;
    return { passed, failed: failed || (status === 0 && passed > 0 ? 0 : 1) };
  },
};

// --- The package, in Node.

function mochaStage(name, folder, { timeout, minutes = 20, prepare } = {}) {
  return {
    name,
    async run({ detail, log }) {
      const files = filesUnder(folder, (file) => /\.test\.[cm]?js$/.test(file));
      if (files.length === 0) throw new Failure(`There are no tests in ${folder}.`);
      const extra = (await prepare?.()) ?? {};
      const limit = timeout ? ['--timeout', String(timeout)] : [];
      const command = nodeTool('mocha/bin/mocha.js', ...limit, ...files);
      const { status, stdout } = await run(command, {
        detail,
        log,
        cwd: repository,
        env: { ...process.env, ...extra, FORCE_COLOR: '0' },
        allowFailure: true,
        minutes,
      });
      const passed = count(/^ +(\d+) passing/m, stdout);
      const failed = count(/^ +(\d+) failing/m, stdout);
      const pending = count(/^ +(\d+) pending/m, stdout);
      return { passed, failed: failed || (status === 0 ? 0 : 1), note: pending ? `${pending} pending` : '' };
    },
  };
}

// The same tests on the module that Emscripten's checks watch over; these make it many times slower.
const debug = mochaStage('debug', 'test/host', {
  timeout: 300_000,
  minutes: 40,
  async prepare() {
    const folder = await ensureBuilt('wasm-debug', ['tls_wasm']);
    return { WASM_TLS_ENGINE: path.join(folder, 'wasm-tls.js') };
  },
});

// One of the peers is the toolchain's `openssl`, newer than that of many a machine.
const interop = mochaStage('interop', 'test/interop', {
  async prepare() {
    await ensureToolchain('native');
  },
});

// Its peers are those of interop.
const browser = mochaStage('browser', 'test/browser', {
  async prepare() {
    await ensureToolchain('native');
  },
});

// OpenSSL's, for the algorithms that the provider offers.
const vectors = mochaStage('vectors', 'test/vectors', {
  async prepare() {
    await ensureToolchain('native');
  },
});

// Node's own tests for what this package replaces.
const conformanceStage = {
  name: 'conformance',
  async run({ detail, log }) {
    const problems = [];
    const results = [];
    for (const selection of ['tls', 'https']) {
      const say = (text) => problems.push(text);
      results.push({ selection, ...(await conformance({ selection, say, detail: (name) => detail(name) })) });
    }
    fs.writeFileSync(log, problems.join('\n'));
    const sum = (key) => results.reduce((total, result) => total + result[key], 0);
    const note = results.map(({ selection, note }) => `${selection}: ${note}`).join('; ');
    return { passed: sum('passed'), failed: sum('failed'), note };
  },
};

/** All stages, the longest first, so that the processors end their work together. */
export function allStages({ fuzzSeconds }) {
  const fuzzers = filesUnder('test/fuzz', (file) => /^test\/fuzz\/\w+\.cc$/.test(file));
  return [
    engine,
    debug,
    mochaStage('host', 'test/host'),
    vectors,
    mochaStage('transport', 'test/transport'),
    mochaStage('relay', 'test/relay'),
    interop,
    browser,
    conformanceStage,
    constantTime,
    ...fuzzers.map((file) => path.basename(file, '.cc')).map((name) => fuzzStage(name, fuzzTime(name, fuzzSeconds))),
    clangTidy,
    mochaStage('bundlers', 'test/bundlers'),
    mochaStage('pack', 'test/pack'),
    mochaStage('docs', 'test/docs'),
    lint,
    types,
    format,
    clangFormat,
    engineTypesStage,
  ];
}
