/** Streams bring a package for this, which every browser has. */
const { AbortController, AbortSignal } = globalThis;

export { AbortController, AbortSignal };
export default AbortController;
