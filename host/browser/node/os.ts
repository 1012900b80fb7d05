/** A machine that says nothing about itself. */
export const EOL = '\n';
export const devNull = '/dev/null';
export const constants = { signals: {}, errno: {}, priority: {}, dlopen: {} };

export const arch = (): string => 'wasm';
export const availableParallelism = (): number => navigator.hardwareConcurrency;
export const cpus = (): unknown[] => [];
export const endianness = (): string => 'LE';
export const freemem = (): number => 0;
export const homedir = (): string => '/';
export const hostname = (): string => 'localhost';
export const loadavg = (): number[] => [0, 0, 0];
export const machine = (): string => 'wasm';
export const networkInterfaces = (): Record<string, never> => ({});
export const platform = (): string => 'browser';
export const release = (): string => '';
export const tmpdir = (): string => '/tmp';
export const totalmem = (): number => 0;
export const type = (): string => 'Browser';
export const uptime = (): number => performance.now() / 1000;
export const version = (): string => '';
