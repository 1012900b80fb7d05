// npm run size: what the module weighs, and what in it weighs most.
//
//   node scripts/size.mjs [NUMBER]   NUMBER: how many objects are listed; 40 unless told
//
// The parts are as the linker saw them (its map is written beside every build), before the code was optimised once more as
// a whole, which takes a tenth of it; compressed, no part has a size of its own. The totals are those of what is shipped.

import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

import { build, inRepository } from './lib/paths.mjs';
import { Failure, exitWithFailure } from './lib/report.mjs';

const map = path.join(build, 'wasm', 'wasm-tls.map');
const shipped = ['wasm-tls.wasm', 'wasm-tls.js'].map((name) => inRepository('dist/engine', name));

/** Of each archive, or each folder of objects, its place in the first table. */
const libraries = [
  [/libcrypto\.a$/, 'OpenSSL: libcrypto'],
  [/libssl\.a$/, 'OpenSSL: libssl'],
  [/libtls_engine\.a$/, 'the engine: src'],
  [/stand_ins\.dir/, 'the engine: src/stand_ins'],
  [/tls_wasm\.dir/, 'bindings'],
  [/<internal>/, 'strings, shared by all'],
  [/./, 'runtime: libc, libc++, Embind'],
];

// A line of the map that belongs to one function or one piece of data names its file and section:
//
//        -    c665b      22f         libcrypto.a(libcrypto-lib-decoder_lib.o):(OSSL_DECODER_from_bio)
const piece = /^\s*(\S+)\s+[0-9a-f]+\s+([0-9a-f]+) {9}(\S.*?):\((.*)\)$/;

function* pieces() {
  if (!fs.existsSync(map)) throw new Failure("There is no map of the linker's. Run 'npm run setup' first.");
  for (const line of fs.readFileSync(map, 'utf8').split('\n')) {
    const [, address, size, file, section] = piece.exec(line) ?? [];
    // What starts out as zeros is not in the file.
    if (file === undefined || section.startsWith('.bss')) continue;
    const [, archive, member] = /^(.*?\.a)\((.*)\)$/.exec(file) ?? [null, file, path.basename(file)];
    yield { archive, member: member.replace(/^lib\w+-lib-/, ''), isCode: address === '-', size: parseInt(size, 16) };
  }
}

function add(table, key, { isCode, size }) {
  const row = table.get(key) ?? { code: 0, data: 0 };
  row[isCode ? 'code' : 'data'] += size;
  table.set(key, row);
}

function print(title, table, limit) {
  const rows = [...table].sort(([, a], [, b]) => b.code + b.data - a.code - a.data);
  console.log(`\n${'code'.padStart(9)}${'data'.padStart(9)}  ${title}`);
  for (const [name, { code, data }] of rows.slice(0, limit)) {
    console.log(`${String(code).padStart(9)}${String(data).padStart(9)}  ${name}`);
  }
}

try {
  const byLibrary = new Map();
  const byObject = new Map();
  for (const one of pieces()) {
    const [, library] = libraries.find(([pattern]) => pattern.test(one.archive));
    add(byLibrary, library, one);
    add(byObject, `${library} · ${one.member}`, one);
  }
  print('by library', byLibrary);
  print('by object, the largest', byObject, Number(process.argv[2] ?? 40));

  console.log(`\n${'raw'.padStart(9)}${'gzip -9'.padStart(9)}${'brotli'.padStart(9)}  shipped`);
  for (const file of shipped) {
    const bytes = fs.readFileSync(file);
    const sizes = [bytes, zlib.gzipSync(bytes, { level: 9 }), zlib.brotliCompressSync(bytes)];
    console.log(`${sizes.map(({ length }) => String(length).padStart(9)).join('')}  ${path.basename(file)}`);
  }
} catch (error) {
  exitWithFailure(error);
}
