/** A worker of the browser's is none of Node's: everything runs in a main thread. */
export const { BroadcastChannel, MessageChannel, MessagePort } = globalThis;
export const isMainThread = true;
export const parentPort = null;
export const threadId = 0;
export const workerData = null;
export const resourceLimits = {};
