// OpenSSL's vectors in a page: the program is a plain script, as Emscripten makes it.

import { passedIn, runInstance } from '../../vectors/instance.mjs';

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} was not loaded`));
    script.src = address;
    document.head.append(script);
  });
}

/** How many vectors of these files were right. */
export async function vectors(names) {
  await load('/vectors/evp_vectors.js');
  let passed = 0;
  for (const name of names) {
    const text = await (await fetch(`/vectors/${name}`)).text();
    passed += passedIn(name, await runInstance(globalThis.createVectors, ['/vectors.txt'], text));
  }
  return passed;
}
