#include "src/kernels/ml_kem.h"

#include <cstring>

#include "src/kernels/keccak.h"
#include "src/kernels/wipe.h"

namespace wasm_tls::kernels {
namespace {

// --- The hash functions of section 4.1, each of one or two pieces.

void Hash(KeccakFunction function, const uint8_t* first, size_t first_size, const uint8_t* second, size_t second_size,
          uint8_t* out, size_t size) {
  Sponge sponge(function);
  sponge.Absorb(first, first_size);
  sponge.Absorb(second, second_size);
  sponge.Finish(out, size);
}

// G gives two values at once.
using TwoSeeds = uint8_t[2 * kMlKemBytes];

// --- Samples. Each of many polynomials has a digest of its own, and two are made at a time. An odd one has company
// that nobody looks at.

// Row i, column j of the matrix comes from rho, j and i.
void ExpandMatrix(const MlKemParameters& parameters, const MlKemPublicKey& key) {
  constexpr size_t kInput = kMlKemBytes + 2;
  uint8_t inputs[2][kInput];
  uint8_t blocks[2][kShake128.rate];
  for (uint8_t* const input : inputs) std::memcpy(input, key.rho, kMlKemBytes);
  const size_t entries = parameters.rank * parameters.rank;
  for (size_t i = 0; i < entries; i += 2) {
    const size_t last = i + 1 < entries ? 2 : 1;
    for (size_t way = 0; way < last; ++way) {
      inputs[way][kMlKemBytes] = static_cast<uint8_t>((i + way) % parameters.rank);
      inputs[way][kMlKemBytes + 1] = static_cast<uint8_t>((i + way) / parameters.rank);
    }
    SpongePair sponges(kShake128, inputs[0], inputs[1], kInput);
    size_t counts[2] = {};
    while (counts[0] < kMlKemDegree || counts[last - 1] < kMlKemDegree) {
      sponges.SqueezeBlock(blocks[0], blocks[1]);
      for (size_t way = 0; way < last; ++way) {
        counts[way] = SampleUniform(key.matrix[i + way], counts[way], blocks[way], kShake128.rate);
      }
    }
  }
}

// `count` polynomials of noise, by the numbers from `nonce` on.
void MakeNoise(const uint8_t* seed, size_t nonce, size_t eta, Polynomial* out, size_t count) {
  constexpr size_t kInput = kMlKemBytes + 1;
  // Two blocks hold the 192 bytes of the greater eta.
  struct {
    uint8_t inputs[2][kInput];
    uint8_t bytes[2][2 * kShake256.rate];
  } work;
  for (uint8_t* const input : work.inputs) std::memcpy(input, seed, kMlKemBytes);
  for (size_t i = 0; i < count; i += 2) {
    for (size_t way = 0; way < 2; ++way) work.inputs[way][kMlKemBytes] = static_cast<uint8_t>(nonce + i + way);
    SpongePair sponges(kShake256, work.inputs[0], work.inputs[1], kInput);
    for (size_t have = 0; have < 64 * eta; have += kShake256.rate) {
      sponges.SqueezeBlock(work.bytes[0] + have, work.bytes[1] + have);
    }
    for (size_t way = 0; way < 2 && i + way < count; ++way) SampleCentred(out[i + way], work.bytes[way], eta);
  }
  Wipe(&work, sizeof(work));
}

// --- Vectors.

void EncodeVector(uint8_t* out, const Polynomial* vector, size_t rank, size_t bits) {
  for (size_t i = 0; i < rank; ++i) Encode(out + 32 * bits * i, vector[i], bits);
}

bool DecodeVector(Polynomial* vector, const uint8_t* in, size_t rank) {
  bool canonical = true;
  for (size_t i = 0; i < rank; ++i) {
    Decode(vector[i], in + 384 * i, 12);
    canonical &= IsCanonical(vector[i]);
  }
  return canonical;
}

void HashPublicKey(const MlKemParameters& parameters, const uint8_t* encoded, uint8_t* hash) {
  Hash(kSha3_256, encoded, parameters.public_bytes(), nullptr, 0, hash, kMlKemBytes);
}

// --- The encryption below, section 5.

// Algorithm 14.
void Encrypt(const MlKemParameters& parameters, const MlKemPublicKey& key, const uint8_t* message,
             const uint8_t* randomness, uint8_t* ciphertext) {
  constexpr size_t kMost = kMlKemGreatestRank;
  const size_t rank = parameters.rank;
  struct {
    Polynomial y[kMost];
    Factor factors[kMost];
    Polynomial noise[kMost + 1];
    Polynomial result;
  } work;
  MakeNoise(randomness, 0, parameters.eta1, work.y, rank);
  for (size_t i = 0; i < rank; ++i) {
    Transform(work.y[i]);
    MakeFactor(work.factors[i], work.y[i]);
  }
  MakeNoise(randomness, rank, 2, work.noise, rank + 1);
  for (size_t i = 0; i < rank; ++i) {
    InnerProduct(work.result, key.matrix + i, rank, work.factors, rank);
    InverseTransform(work.result);
    Add(work.result, work.noise[i]);
    Compress(work.result, parameters.du);
    Encode(ciphertext, work.result, parameters.du);
    ciphertext += 32 * parameters.du;
  }
  InnerProduct(work.result, key.t, 1, work.factors, rank);
  InverseTransform(work.result);
  Add(work.result, work.noise[rank]);
  AddMessage(work.result, message);
  Compress(work.result, parameters.dv);
  Encode(ciphertext, work.result, parameters.dv);
  Wipe(&work, sizeof(work));
}

// Algorithm 15.
void Decrypt(const MlKemParameters& parameters, const Polynomial* s, const uint8_t* ciphertext, uint8_t* message) {
  const size_t rank = parameters.rank;
  struct {
    Polynomial v;
    Polynomial product;
  } work;
  Factor factors[kMlKemGreatestRank];
  for (size_t i = 0; i < rank; ++i) {
    Polynomial u;
    Decode(u, ciphertext, parameters.du);
    Decompress(u, parameters.du);
    Transform(u);
    MakeFactor(factors[i], u);
    ciphertext += 32 * parameters.du;
  }
  Decode(work.v, ciphertext, parameters.dv);
  Decompress(work.v, parameters.dv);
  InnerProduct(work.product, s, 1, factors, rank);
  InverseTransform(work.product);
  Subtract(work.v, work.product);
  ExtractMessage(message, work.v);
  Wipe(&work, sizeof(work));
}

}  // namespace

void MlKemGenerate(const MlKemParameters& parameters, const uint8_t* seed, const MlKemPrivateKey& key) {
  TwoSeeds seeds;
  const auto domain = static_cast<uint8_t>(parameters.rank);
  Hash(kSha3_512, seed, kMlKemBytes, &domain, 1, seeds, sizeof(seeds));
  MlKemGenerateFrom(parameters, seeds, seeds + kMlKemBytes, key);
  Wipe(seeds, sizeof(seeds));
}

void MlKemGenerateFrom(const MlKemParameters& parameters, const uint8_t* rho, const uint8_t* sigma,
                       const MlKemPrivateKey& key) {
  const size_t rank = parameters.rank;
  const MlKemPublicKey& public_key = key.public_key;
  struct {
    Polynomial noise[2 * kMlKemGreatestRank];
    Factor factors[kMlKemGreatestRank];
  } work;
  std::memcpy(public_key.rho, rho, kMlKemBytes);
  ExpandMatrix(parameters, public_key);

  MakeNoise(sigma, 0, parameters.eta1, work.noise, 2 * rank);
  for (size_t i = 0; i < 2 * rank; ++i) Transform(work.noise[i]);
  for (size_t i = 0; i < rank; ++i) {
    MakeFactor(work.factors[i], work.noise[i]);
    key.s[i] = work.noise[i];
    MakeCanonical(key.s[i]);
  }
  for (size_t i = 0; i < rank; ++i) {
    Polynomial& t = public_key.t[i];
    InnerProduct(t, public_key.matrix + rank * i, 1, work.factors, rank);
    Add(t, work.noise[rank + i]);
    MakeCanonical(t);
  }
  Wipe(&work, sizeof(work));

  uint8_t encoded[kMlKemGreatestPublicBytes];
  MlKemEncodePublicKey(parameters, public_key, encoded);
  HashPublicKey(parameters, encoded, public_key.hash);
}

void MlKemEncodePublicKey(const MlKemParameters& parameters, const MlKemPublicKey& key, uint8_t* out) {
  EncodeVector(out, key.t, parameters.rank, 12);
  std::memcpy(out + parameters.vector_bytes(), key.rho, kMlKemBytes);
}

void MlKemEncodePrivateKey(const MlKemParameters& parameters, const MlKemPrivateKey& key, uint8_t* out) {
  EncodeVector(out, key.s, parameters.rank, 12);
  out += parameters.vector_bytes();
  MlKemEncodePublicKey(parameters, key.public_key, out);
  out += parameters.public_bytes();
  std::memcpy(out, key.public_key.hash, kMlKemBytes);
  std::memcpy(out + kMlKemBytes, key.z, kMlKemBytes);
}

MlKemKeyCheck MlKemDecodePublicKey(const MlKemParameters& parameters, const uint8_t* in, const MlKemPublicKey& key) {
  if (!DecodeVector(key.t, in, parameters.rank)) return MlKemKeyCheck::kBadPublicVector;
  std::memcpy(key.rho, in + parameters.vector_bytes(), kMlKemBytes);
  HashPublicKey(parameters, in, key.hash);
  ExpandMatrix(parameters, key);
  return MlKemKeyCheck::kOk;
}

MlKemKeyCheck MlKemDecodePrivateKey(const MlKemParameters& parameters, const uint8_t* in, const MlKemPrivateKey& key) {
  if (!DecodeVector(key.s, in, parameters.rank)) return MlKemKeyCheck::kBadPrivateVector;
  in += parameters.vector_bytes();
  const MlKemKeyCheck check = MlKemDecodePublicKey(parameters, in, key.public_key);
  if (check != MlKemKeyCheck::kOk) return check;
  in += parameters.public_bytes();
  if (std::memcmp(key.public_key.hash, in, kMlKemBytes) != 0) return MlKemKeyCheck::kBadHash;
  std::memcpy(key.z, in + kMlKemBytes, kMlKemBytes);
  return MlKemKeyCheck::kOk;
}

void MlKemEncapsulate(const MlKemParameters& parameters, const MlKemPublicKey& key, const uint8_t* message,
                      uint8_t* ciphertext, uint8_t* secret) {
  TwoSeeds keys;  // The shared secret, and what the encryption takes for random.
  Hash(kSha3_512, message, kMlKemBytes, key.hash, kMlKemBytes, keys, sizeof(keys));
  Encrypt(parameters, key, message, keys + kMlKemBytes, ciphertext);
  std::memcpy(secret, keys, kMlKemBytes);
  Wipe(&keys, sizeof(keys));
}

void MlKemDecapsulate(const MlKemParameters& parameters, const MlKemPrivateKey& key, const uint8_t* ciphertext,
                      uint8_t* secret) {
  const size_t size = parameters.ciphertext_bytes();
  struct {
    uint8_t message[kMlKemBytes];
    TwoSeeds keys;
    uint8_t rejection[kMlKemBytes];
    uint8_t ciphertext[kMlKemGreatestCiphertextBytes];
  } work;
  Decrypt(parameters, key.s, ciphertext, work.message);
  Hash(kSha3_512, work.message, kMlKemBytes, key.public_key.hash, kMlKemBytes, work.keys, sizeof(work.keys));
  Hash(kShake256, key.z, kMlKemBytes, ciphertext, size, work.rejection, kMlKemBytes);
  Encrypt(parameters, key.public_key, work.message, work.keys + kMlKemBytes, work.ciphertext);

  // Whether they differ is as secret as the keys: neither a branch nor a conditional move is made of it.
  uint32_t difference = 0;
  for (size_t i = 0; i < size; ++i) difference |= static_cast<uint32_t>(work.ciphertext[i] ^ ciphertext[i]);
  uint32_t rejected = (0 - difference) >> 31;
  asm("" : "+r"(rejected));
  const auto mask = static_cast<uint8_t>(0 - rejected);
  for (size_t i = 0; i < kMlKemBytes; ++i) {
    secret[i] = static_cast<uint8_t>(work.keys[i] ^ (mask & (work.keys[i] ^ work.rejection[i])));
  }
  Wipe(&work, sizeof(work));
}

}  // namespace wasm_tls::kernels
