/** Resolves the names of the modules that `register.ts` replaces. Node runs it in a thread of its own. */
import type { InitializeHook, ResolveHook } from 'node:module';

let urls: Record<string, string> = {};

export const initialize: InitializeHook<Record<string, string>> = (data) => {
  urls = data;
};

export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  const url = urls[specifier];
  return url === undefined ? nextResolve(specifier, context) : { url, format: 'module', shortCircuit: true };
};
