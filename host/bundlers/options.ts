/** What all plugins can be told. */
export interface PluginOptions {
  /**
   * Scripts of pages and workers wait for the engine before their first line runs; default true. With false they run at once,
   * to tell who waits for what, or what is missing; `tls` works when an `import('wasm-tls')` is through, or, in a Service
   * Worker, a `createTls()` of `wasm-tls/create`.
   */
  wait?: boolean;
}

export function completeOptions(options: PluginOptions, plugin: string): Required<PluginOptions> {
  const { wait = true, ...unknown } = options;
  const [other] = Object.keys(unknown);
  if (other !== undefined) throw new TypeError(`${plugin} has no option '${other}'.`);
  if (typeof wait !== 'boolean') throw new TypeError(`The option 'wait' of ${plugin} is a boolean.`);
  return { wait };
}
