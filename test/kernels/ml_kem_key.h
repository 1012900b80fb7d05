// A key of ML-KEM in memory of its own, of whatever parameters.
#pragma once

#include <cstdint>

#include "src/kernels/ml_kem.h"

namespace wasm_tls::test {

struct MlKemKey {
  kernels::Polynomial t[kernels::kMlKemGreatestRank];
  kernels::Polynomial matrix[kernels::kMlKemGreatestRank * kernels::kMlKemGreatestRank];
  kernels::Polynomial s[kernels::kMlKemGreatestRank];
  uint8_t rho[kernels::kMlKemBytes];
  uint8_t hash[kernels::kMlKemBytes];
  uint8_t z[kernels::kMlKemBytes];

  kernels::MlKemPrivateKey view() { return {{t, matrix, rho, hash}, s, z}; }
};

}  // namespace wasm_tls::test
