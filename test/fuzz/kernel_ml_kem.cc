// ML-KEM and Keccak: any bytes as seeds, keys and ciphertexts, and as coefficients and messages against the same by
// hand.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "src/kernels/keccak.h"
#include "src/kernels/ml_kem.h"
#include "test/fuzz/fuzzing.h"
#include "test/kernels/ml_kem_key.h"

namespace wasm_tls::fuzz {
namespace {

using kernels::kMlKemBytes;
using kernels::kMlKemDegree;
using kernels::kMlKemPrime;
using kernels::MlKemKeyCheck;
using kernels::MlKemParameters;
using kernels::Polynomial;
using kernels::Sponge;
using test::MlKemKey;
using Octets = std::vector<uint8_t>;

Octets Digest(kernels::KeccakFunction function, std::initializer_list<std::span<const uint8_t>> message, size_t size) {
  Sponge sponge(function);
  for (const auto piece : message) sponge.Absorb(piece.data(), piece.size());
  Octets digest(size);
  sponge.Finish(digest.data(), size);
  return digest;
}

// As many bytes as asked for, the data over and over.
Octets Repeat(std::span<const uint8_t> data, size_t size) {
  Octets bytes(size);
  for (size_t i = 0; i < size && !data.empty(); ++i) bytes[i] = data[i % data.size()];
  return bytes;
}

void Exchange(const MlKemParameters& parameters, std::span<const uint8_t> data) {
  const Octets seeds = Digest(kernels::kShake128, {data}, 3 * kMlKemBytes);
  MlKemKey key;
  std::copy_n(seeds.data() + kMlKemBytes, kMlKemBytes, key.z);
  MlKemGenerate(parameters, seeds.data(), key.view());
  Octets encoded(parameters.private_bytes());
  MlKemEncodePrivateKey(parameters, key.view(), encoded.data());
  MlKemKey decoded;
  Require(MlKemDecodePrivateKey(parameters, encoded.data(), decoded.view()) == MlKemKeyCheck::kOk);

  std::array<uint8_t, kMlKemBytes> secret;
  std::array<uint8_t, kMlKemBytes> again;
  Octets ciphertext(parameters.ciphertext_bytes());
  MlKemEncapsulate(parameters, key.view().public_key, seeds.data() + 2 * kMlKemBytes, ciphertext.data(), secret.data());
  MlKemDecapsulate(parameters, decoded.view(), ciphertext.data(), again.data());
  Require(secret == again);

  const Octets garbage = Repeat(data, ciphertext.size());
  MlKemDecapsulate(parameters, key.view(), garbage.data(), again.data());
  Require(std::ranges::equal(again, Digest(kernels::kShake256, {key.z, garbage}, kMlKemBytes)));
}

void ReadKeys(const MlKemParameters& parameters, std::span<const uint8_t> data) {
  MlKemKey key;
  const Octets as_private = Repeat(data, parameters.private_bytes());
  MlKemDecodePrivateKey(parameters, as_private.data(), key.view());

  const Octets as_public = Repeat(data, parameters.public_bytes());
  const MlKemKeyCheck check = MlKemDecodePublicKey(parameters, as_public.data(), key.view().public_key);
  if (check != MlKemKeyCheck::kOk) return;
  Octets encoded(parameters.public_bytes());
  MlKemEncodePublicKey(parameters, key.view().public_key, encoded.data());
  Require(encoded == as_public);
  Octets ciphertext(parameters.ciphertext_bytes());
  std::array<uint8_t, kMlKemBytes> secret;
  MlKemEncapsulate(parameters, key.view().public_key, key.hash, ciphertext.data(), secret.data());
}

// Modulo X^256 + 1, coefficient by coefficient.
void Multiply(std::span<const uint8_t> data) {
  Polynomial a;
  Polynomial b;
  const Octets bytes = Repeat(data, 4 * kMlKemDegree);
  for (size_t i = 0; i < kMlKemDegree; ++i) {
    a.c[i] = static_cast<int16_t>((bytes[i] | bytes[kMlKemDegree + i] << 8) % kMlKemPrime);
    b.c[i] = static_cast<int16_t>((bytes[2 * kMlKemDegree + i] | bytes[3 * kMlKemDegree + i] << 8) % kMlKemPrime);
  }
  std::array<int64_t, kMlKemDegree> expected = {};
  for (size_t i = 0; i < kMlKemDegree; ++i) {
    for (size_t j = 0; j < kMlKemDegree; ++j) {
      expected[(i + j) % kMlKemDegree] += (i + j < kMlKemDegree ? 1 : -1) * a.c[i] * b.c[j];
    }
  }
  Transform(a);
  MakeCanonical(a);
  Transform(b);
  kernels::Factor factor;
  MakeFactor(factor, b);
  Polynomial product;
  InnerProduct(product, &a, 1, &factor, 1);
  InverseTransform(product);
  MakeCanonical(product);
  for (size_t i = 0; i < kMlKemDegree; ++i) Require((product.c[i] - expected[i]) % kMlKemPrime == 0);
}

void HashPairs(std::span<const uint8_t> data) {
  if (data.size() < 2) return;
  for (const kernels::KeccakFunction function : {kernels::kShake128, kernels::kShake256, kernels::kSha3_512}) {
    const size_t size = std::min(data.size() / 2, function.rate - 1);
    const std::span<const uint8_t> messages[2] = {data.first(size), data.last(size)};
    kernels::SpongePair pair(function, messages[0].data(), messages[1].data(), size);
    Octets digests[2];
    for (int block = 0; block < 3; ++block) {
      Octets blocks[2] = {Octets(function.rate), Octets(function.rate)};
      pair.SqueezeBlock(blocks[0].data(), blocks[1].data());
      for (size_t way = 0; way < 2; ++way)
        digests[way].insert(digests[way].end(), blocks[way].begin(), blocks[way].end());
    }
    for (size_t way = 0; way < 2; ++way) {
      Require(digests[way] == Digest(function, {messages[way]}, 3 * function.rate));
    }
  }
}

}  // namespace
}  // namespace wasm_tls::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using wasm_tls::kernels::MlKemParameters;
  if (size == 0) return 0;
  constexpr MlKemParameters kVariants[] = {wasm_tls::kernels::kMlKem512, wasm_tls::kernels::kMlKem768,
                                           wasm_tls::kernels::kMlKem1024};
  const MlKemParameters& parameters = kVariants[data[0] % 3];
  const std::span<const uint8_t> rest(data + 1, size - 1);
  wasm_tls::fuzz::Exchange(parameters, rest);
  wasm_tls::fuzz::ReadKeys(parameters, rest);
  wasm_tls::fuzz::Multiply(rest);
  wasm_tls::fuzz::HashPairs(rest);
  return 0;
}
