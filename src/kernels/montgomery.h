// Montgomery's multiplication in numbers of many vectors.
//
// No machine multiplies as many bits in one of wasm's instructions as in i32x4.dot_i16x8: eight products of 16 bits,
// added in pairs. A number is therefore a row of signed limbs of 13 bits: the products of 120 limbs fit into the 32
// bits of a sum, and carries wait until a whole product is done. Then all limbs pass theirs on at once, twice, which
// leaves each of them in [-4226, 4226]. That a value has several representations does not matter: all sums are exact.
//
// A product is a convolution of the two rows. One operand is read as pairs (a[i], a[i + 1]) for even i, spread over the
// four lanes; the other as the pairs (b[j], b[j - 1]) of four neighbouring j: the products are limbs i + j and its
// neighbours.
//
// Values stay within the modulus N of both signs: for |X|, |Y| <= N, the result of a multiplication is below 0.6 N. The
// radix of Montgomery's form is R = 2^(13 limbs), at least 2^15 N.
//
// Neither time nor addresses depend on the values of limbs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wasm_tls::kernels {

// The forms of a number, of limb_count() limbs. `pairs` has two more, which are zero.
struct MontgomeryNumber {
  int16_t* limbs;
  int32_t* pairs;
  int16_t* twice;  // The limbs, doubled.
};

class Montgomery {
 public:
  // Of an odd modulus of so many words, which has no zero on top.
  static size_t LimbCount(size_t words);
  // How much memory such a modulus needs, and a number, in bytes.
  static size_t MemorySize(size_t limb_count);
  static size_t NumberSize(size_t limb_count);

  // `modulus` is odd. `memory` is aligned to 16 bytes, filled and used as long as this lives; wiping it is up to its
  // owner.
  Montgomery(std::span<const uint64_t> modulus, std::byte* memory);

  size_t limb_count() const { return size_ * 4; }
  // R is 2 to this.
  size_t radix_bits() const;

  // Lays out a number in memory of NumberSize() bytes, aligned to 16.
  MontgomeryNumber Place(std::byte* memory) const;

  // Makes the other forms of a number of which there are the limbs.
  void Complete(MontgomeryNumber number) const;
  // `words` is below the modulus and as long; nothing is multiplied.
  void FromWords(MontgomeryNumber to, std::span<const uint64_t> words) const;
  void PowerOfTwo(MontgomeryNumber to, size_t exponent) const;
  // `limbs` as a number in [0, modulus).
  void ToWords(std::span<uint64_t> words, const int16_t* limbs) const;

  // a * b / R; `to` may be an operand.
  void Multiply(MontgomeryNumber to, const int16_t* a_limbs, const int32_t* b_pairs) const;
  void Square(MontgomeryNumber to, MontgomeryNumber a) const;

 private:
  void Invert();
  void Reduce(MontgomeryNumber to) const;

  // Up to so many vectors of limbs, a column of a product and one of the quotient times the modulus fit into the same
  // sums: of moduli of 1,536 bits, such as RSA-3072 has.
  static constexpr size_t kShortVectors = 30;
  void MultiplyShort(MontgomeryNumber to, const int16_t* a_limbs, const int32_t* b_pairs) const;
  void SquareShort(MontgomeryNumber to, MontgomeryNumber a) const;
  template <class Factors>
  void ComputeShort(MontgomeryNumber to, const Factors& factors) const;
  struct ShortCarry;
  ShortCarry QuotientShort() const;

  std::span<const uint64_t> words_;
  // Of four limbs each; even.
  size_t size_;
  MontgomeryNumber modulus_;
  // -1/N modulo R.
  MontgomeryNumber inverse_;
  // A product, its lower half in limbs, the quotient in limbs; what these are made from.
  int32_t* product_;
  int16_t* limbs_;
  int16_t* quotient_;
  int32_t* sums_;
};

}  // namespace wasm_tls::kernels
