// The ring of ML-KEM (FIPS 203): polynomials modulo X^256 + 1 with coefficients modulo q = 3329, in vectors of eight
// coefficients. Nothing here branches on a coefficient or takes one for an address, except where it says so.
//
// Coefficients are signed and any of those that are congruent may stand for each other: what size is taken and given
// is said at each function. Canonical are those of 0 to q - 1, which is what is stored and sent.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wasm_tls::kernels {

inline constexpr int kMlKemPrime = 3329;
inline constexpr size_t kMlKemDegree = 256;
inline constexpr size_t kMlKemMessageBytes = kMlKemDegree / 8;

struct Polynomial {
  int16_t c[kMlKemDegree];
};

// A transformed polynomial as a factor of many products.
struct Factor {
  int16_t straight[kMlKemDegree];
  int16_t crossed[kMlKemDegree];
};

// Algorithm 9. Takes |c| <= q, gives |c| < 5.5 q.
void Transform(Polynomial& p);
// Algorithm 10. Takes |c| < q, gives |c| < 0.6 q.
void InverseTransform(Polynomial& p);

// Takes any coefficients.
void MakeFactor(Factor& factor, const Polynomial& transformed);
// Algorithm 11, summed up: `count` products, at most 4, of every `stride`th polynomial from `a` on, canonical ones, and
// the factors. Gives |c| < q.
void InnerProduct(Polynomial& out, const Polynomial* a, size_t stride, const Factor* factors, size_t count);

// These do not reduce.
void Add(Polynomial& p, const Polynomial& other);
void Subtract(Polynomial& p, const Polynomial& other);
// Takes any coefficients.
void MakeCanonical(Polynomial& p);

// Algorithms 5 and 6: 32 * bits bytes. Takes coefficients of 0 to 2^bits - 1.
void Encode(uint8_t* out, const Polynomial& p, size_t bits);
void Decode(Polynomial& p, const uint8_t* in, size_t bits);
// Are coefficients that were decoded canonical?
bool IsCanonical(const Polynomial& p);

// Equations 4.7 and 4.8, for 4, 5, 10 and 11 bits. Compress() takes |c| < 1.6 q, Decompress() gives canonical ones.
void Compress(Polynomial& p, size_t bits);
void Decompress(Polynomial& p, size_t bits);
// The same for one bit, with the encoding. Takes |c| < 1.6 q.
void AddMessage(Polynomial& p, const uint8_t* message);
void ExtractMessage(uint8_t* message, const Polynomial& p);

// Algorithm 8, with eta of 2 or 3: takes 64 * eta bytes, gives |c| <= eta.
void SampleCentred(Polynomial& p, const uint8_t* bytes, size_t eta);
// Algorithm 7, on as many bytes, a multiple of three, as are there: returns how many coefficients there are then. What
// is rejected is public, and so is the time that it takes.
size_t SampleUniform(Polynomial& p, size_t count, const uint8_t* bytes, size_t size);

}  // namespace wasm_tls::kernels
