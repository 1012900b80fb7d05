#include "src/kernels/ml_kem.h"

#include <cstring>

#include "src/kernels/keccak.h"
#include "test/constant_time/secret.h"
#include "test/kernels/ml_kem_key.h"

namespace wasm_tls::test {
namespace {

using kernels::kMlKemBytes;
using kernels::MlKemParameters;

// The matrix comes from rho by rejection, which takes the time that it takes: rho is public.
void Generate(const MlKemParameters& parameters) {
  const uint8_t rho[kMlKemBytes] = {1};
  uint8_t sigma[kMlKemBytes] = {1};
  MlKemKey key;
  MakeSecret(sigma);
  kernels::MlKemGenerateFrom(parameters, rho, sigma, key.view());
}

void Encapsulate(const MlKemParameters& parameters) {
  const uint8_t seed[kMlKemBytes] = {2};
  MlKemKey key;
  kernels::MlKemGenerate(parameters, seed, key.view());
  uint8_t message[kMlKemBytes] = {3};
  uint8_t ciphertext[kernels::kMlKemGreatestCiphertextBytes];
  uint8_t secret[kMlKemBytes];
  MakeSecret(message);
  kernels::MlKemEncapsulate(parameters, key.view().public_key, message, ciphertext, secret);
}

// A ciphertext that is the key's, and one that is not: nothing may tell them apart.
void Decapsulate(const MlKemParameters& parameters, bool rejected) {
  const uint8_t seed[kMlKemBytes] = {4};
  MlKemKey key = {};
  kernels::MlKemGenerate(parameters, seed, key.view());
  const uint8_t message[kMlKemBytes] = {5};
  uint8_t ciphertext[kernels::kMlKemGreatestCiphertextBytes];
  uint8_t secret[kMlKemBytes];
  kernels::MlKemEncapsulate(parameters, key.view().public_key, message, ciphertext, secret);
  if (rejected) ciphertext[0] ^= 1;
  MakeSecret(key.s);
  MakeSecret(key.z);
  kernels::MlKemDecapsulate(parameters, key.view(), ciphertext, secret);
}

constexpr MlKemParameters kVariants[] = {kernels::kMlKem512, kernels::kMlKem768, kernels::kMlKem1024};

WASM_TLS_CONSTANT_TIME(MlKemGeneration) {
  for (const MlKemParameters& parameters : kVariants) Generate(parameters);
}

WASM_TLS_CONSTANT_TIME(MlKemEncapsulation) {
  for (const MlKemParameters& parameters : kVariants) Encapsulate(parameters);
}

WASM_TLS_CONSTANT_TIME(MlKemDecapsulation) {
  for (const MlKemParameters& parameters : kVariants) Decapsulate(parameters, false);
}

WASM_TLS_CONSTANT_TIME(MlKemRejection) {
  for (const MlKemParameters& parameters : kVariants) Decapsulate(parameters, true);
}

WASM_TLS_CONSTANT_TIME(Keccak) {
  uint8_t message[500] = {6};
  uint8_t digest[500];
  MakeSecret(message);
  kernels::Sponge sponge(kernels::kShake256);
  sponge.Absorb(message, sizeof(message));
  sponge.Finish(digest, sizeof(digest));
}

}  // namespace
}  // namespace wasm_tls::test
