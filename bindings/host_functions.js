// What the engine asks of its host: randomness and the wall clock. Each instance gets its own from host/engine, as properties
// of the object that the module's factory is called with.
addToLibrary({
  // Fills memory with random bytes; false when the host has none.
  wasm_tls_random__sig: 'ipp',
  wasm_tls_random: (out, size) => {
    // Web Crypto gives at most 64 KiB at once.
    for (let done = 0; done < size; done += 65536) {
      const piece = HEAPU8.subarray(out + done, out + Math.min(done + 65536, size));
      if (!Module['fillRandom'](piece)) return 0;
    }
    return 1;
  },

  // Every clock of Emscripten's C library that tells the date asks this one.
  emscripten_date_now: () => Module['now'](),
});
