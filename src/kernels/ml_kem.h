// ML-KEM, FIPS 203: the algorithms that take their random bytes as an argument. Keys lie in memory of the caller's, as
// they are worked with; bytes have the sizes that the parameters tell. What was secret on the stack is wiped.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/kernels/ml_kem_polynomial.h"

namespace wasm_tls::kernels {

// Of seeds, hashes, messages and shared secrets.
inline constexpr size_t kMlKemBytes = 32;
inline constexpr size_t kMlKemGreatestRank = 4;

struct MlKemParameters {
  size_t rank;
  size_t eta1;
  size_t du;
  size_t dv;

  constexpr size_t vector_bytes() const { return 384 * rank; }
  constexpr size_t public_bytes() const { return vector_bytes() + kMlKemBytes; }
  constexpr size_t private_bytes() const { return vector_bytes() + public_bytes() + 2 * kMlKemBytes; }
  constexpr size_t ciphertext_bytes() const { return 32 * (du * rank + dv); }
};

inline constexpr MlKemParameters kMlKem512 = {.rank = 2, .eta1 = 3, .du = 10, .dv = 4};
inline constexpr MlKemParameters kMlKem768 = {.rank = 3, .eta1 = 2, .du = 10, .dv = 4};
inline constexpr MlKemParameters kMlKem1024 = {.rank = 4, .eta1 = 2, .du = 11, .dv = 5};
inline constexpr size_t kMlKemGreatestPublicBytes = kMlKem1024.public_bytes();
inline constexpr size_t kMlKemGreatestCiphertextBytes = kMlKem1024.ciphertext_bytes();

struct MlKemPublicKey {
  Polynomial* t;       // `rank` of them, canonical.
  Polynomial* matrix;  // `rank` rows of `rank` each: the matrix A of FIPS 203, canonical.
  uint8_t* rho;
  uint8_t* hash;
};

struct MlKemPrivateKey {
  MlKemPublicKey public_key;
  Polynomial* s;  // Canonical.
  uint8_t* z;
};

// Algorithm 16. `seed` is d. z is the caller's to set, as are the pointers; everything else is made.
void MlKemGenerate(const MlKemParameters& parameters, const uint8_t* seed, const MlKemPrivateKey& key);
// The part of it that follows from the two seeds that the first is expanded to: rho, which the public key tells, and
// sigma, which nobody may know.
void MlKemGenerateFrom(const MlKemParameters& parameters, const uint8_t* rho, const uint8_t* sigma,
                       const MlKemPrivateKey& key);

void MlKemEncodePublicKey(const MlKemParameters& parameters, const MlKemPublicKey& key, uint8_t* out);
void MlKemEncodePrivateKey(const MlKemParameters& parameters, const MlKemPrivateKey& key, uint8_t* out);

enum class MlKemKeyCheck { kOk, kBadPublicVector, kBadPrivateVector, kBadHash };

// Sections 7.2 and 7.3: with the checks that these ask for, and of the private vector as well.
MlKemKeyCheck MlKemDecodePublicKey(const MlKemParameters& parameters, const uint8_t* in, const MlKemPublicKey& key);
MlKemKeyCheck MlKemDecodePrivateKey(const MlKemParameters& parameters, const uint8_t* in, const MlKemPrivateKey& key);

// Algorithm 17. `message` is m.
void MlKemEncapsulate(const MlKemParameters& parameters, const MlKemPublicKey& key, const uint8_t* message,
                      uint8_t* ciphertext, uint8_t* secret);
// Algorithm 18. A ciphertext that was not made for the key gives a secret that nobody else knows.
void MlKemDecapsulate(const MlKemParameters& parameters, const MlKemPrivateKey& key, const uint8_t* ciphertext,
                      uint8_t* secret);

}  // namespace wasm_tls::kernels
