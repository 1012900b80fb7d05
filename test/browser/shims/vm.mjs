// The garbage collector, which a page of the tests may call: Chromium's by a flag, Firefox' by a preference.

const collect = globalThis.gc ?? (() => void globalThis.TestUtils.gc());

export default { runInNewContext: () => collect };
