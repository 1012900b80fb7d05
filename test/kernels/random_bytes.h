// Inputs that are the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

namespace wasm_tls::test {

// Of exactly that size on the heap, so that AddressSanitizer sees whoever reads beyond it.
inline std::vector<uint8_t> RandomBytes(size_t size, uint32_t seed = 1) {
  std::mt19937 generator(seed + static_cast<uint32_t>(size) * 31);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(generator());
  return bytes;
}

// Every small size, then some up to more than four records, around the steps that kernels take.
inline std::vector<size_t> Sizes(size_t every_below = 1100) {
  std::vector<size_t> sizes(every_below);
  std::iota(sizes.begin(), sizes.end(), size_t{0});
  for (size_t size = 2048; size <= 65536; size *= 2) {
    for (const size_t near : {size - 65, size - 1, size, size + 1, size + 63, size + 192}) sizes.push_back(near);
  }
  sizes.push_back(70000);
  return sizes;
}

}  // namespace wasm_tls::test
