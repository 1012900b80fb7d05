// Lint rules. Besides the usual ones they hold the arrows of ARCHITECTURE.md inside host/:
//
//   index, browser → api → engine, transport        engine and transport know nothing of each other
//   relay → transport/wisp                          it passes bytes on, and knows nothing of TLS either
//   https → create-tls (and api's helpers)          it stands on the module that its users see
//   web-demo → the package by its name              as any other program
//   all of them → common                            errors, argument checks and the like, which know nobody

import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

function mayNotImport(folder, forbidden, reason) {
  return {
    files: [`${folder}/**/*.{ts,mjs}`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: forbidden.map((regex) => ({ regex, message: `${folder}: ${reason}` })) },
      ],
    },
  };
}

// The entry points beside the folders; nothing below imports them.
const entryPoints = '^(\\.\\./)+(index|browser|net|https|relay|register)(\\.js)?$';
const wasmModule = '(wasm-tls\\.(js|wasm)|\\.wasm)$';

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'host/generated/', 'test/fixtures/', 'bindings/engine.d.ts'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, globals: globals.node },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
    },
  },
  { files: ['bench/browser/**/*.mjs'], languageOptions: { globals: globals.browser } },
  { files: ['test/**/*.mjs', 'test/**/*.cjs'], languageOptions: { globals: globals.mocha } },
  {
    files: ['test/browser/{pages,shims}/*.mjs', 'test/bundlers/app/*.mjs'],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ['bindings/*.js'],
    languageOptions: {
      globals: { addToLibrary: 'readonly', Module: 'readonly', HEAPU8: 'readonly', UTF8ToString: 'readonly' },
    },
  },
  {
    files: ['host/**/*.{ts,mts}', 'web-demo/src/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // A class of Node's own is extended here, whose methods are overloaded for their callers.
      '@typescript-eslint/unified-signatures': 'off',
    },
  },
  {
    // They pass on the functions of a module, which do not mind whose they are.
    files: ['host/browser/{deferred,events,index,stream}.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // Only host/engine touches wasm memory and the handles of Embind.
    files: ['host/**/*.{ts,mts}'],
    ignores: ['host/engine/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[property.name='HEAPU8']", message: 'Only host/engine touches wasm memory.' },
        {
          selector: "CallExpression[callee.property.name='delete'][arguments.length=0]",
          message: 'Only host/engine frees handles.',
        },
      ],
    },
  },
  mayNotImport(
    'host/transport',
    ['(^|/)(api|engine)(/|$)', wasmModule, entryPoints],
    'makes Duplex streams and knows nothing of TLS.',
  ),
  mayNotImport(
    'host/relay',
    ['(^|/)(api|engine|common|https)(/|$)', '(^|/)transport/(?!wisp/)', wasmModule, entryPoints],
    'passes bytes on; of the rest of the package it shares the codec of the packets.',
  ),
  mayNotImport('host/engine', ['(^|/)(api|transport)(/|$)', entryPoints], 'stands below the API and does no I/O.'),
  mayNotImport('host/common', ['(^|/)(api|engine|transport)(/|$)', entryPoints], 'stands below everything.'),
  mayNotImport(
    'host/bundlers',
    ['(^|/)(api|browser|common|engine|transport)(/|$)', wasmModule, entryPoints],
    'runs in a bundler and knows only where the files of the package are.',
  ),
  mayNotImport('host/https', ['(^|/)(engine|transport)(/|$)', wasmModule, entryPoints], 'stands on the module itself.'),
  mayNotImport(
    'host/api',
    ['(^|/)https(/|$)', wasmModule, entryPoints],
    'reaches the module through host/engine only.',
  ),
  mayNotImport('web-demo', ['^(\\.\\./)+(host|dist|bindings)/'], 'imports the package by its name, as its users do.'),
);
