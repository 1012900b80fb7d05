#include "src/kernels/exponentiation.h"

#include <algorithm>
#include <bit>

#include "src/kernels/montgomery.h"
#include "src/kernels/simd.h"

namespace wasm_tls::kernels {
namespace {

constexpr size_t kWordBits = 64;

// How many bits of a secret exponent are looked up at once. Longer windows save fewer multiplications than their tables
// cost.
constexpr size_t WindowBits(size_t exponent_bits) { return exponent_bits > 256 ? 5 : 3; }

size_t Window(std::span<const uint64_t> exponent, size_t position, size_t bits) {
  const size_t word = position / kWordBits;
  const size_t shift = position % kWordBits;
  uint64_t value = exponent[word] >> shift;
  if (shift + bits > kWordBits && word + 1 < exponent.size()) value |= exponent[word + 1] << (kWordBits - shift);
  return static_cast<size_t>(value & ((uint64_t{1} << bits) - 1));
}

// Takes kCount vectors of row `index` of a table, by looking at all rows.
template <size_t kCount>
void SelectVectors(int16_t* to, const int16_t* table, size_t rows, size_t limb_count, size_t index) {
  const auto wanted = static_cast<int16_t>(index);
  I16x8 distance = -I16x8{wanted, wanted, wanted, wanted, wanted, wanted, wanted, wanted};
  I16x8 selected[kCount] = {};
  for (size_t row = 0; row < rows; ++row, table += limb_count, distance += 1) {
    const I16x8 mask = distance == 0;
    for (size_t i = 0; i < kCount; ++i) selected[i] |= Load<I16x8>(table + 8 * i) & mask;
  }
  for (size_t i = 0; i < kCount; ++i) Store(to + 8 * i, selected[i]);
}

void Select(int16_t* to, const int16_t* table, size_t rows, size_t limb_count, size_t index) {
  constexpr size_t kAtOnce = 5;
  size_t limb = 0;
  for (; limb + 8 * kAtOnce <= limb_count; limb += 8 * kAtOnce) {
    SelectVectors<kAtOnce>(to + limb, table + limb, rows, limb_count, index);
  }
  for (; limb < limb_count; limb += 8) SelectVectors<1>(to + limb, table + limb, rows, limb_count, index);
}

// What an exponentiation works on, laid out in its memory.
struct Workspace {
  Workspace(const OddModulus& modulus, std::byte* memory)
      : montgomery(modulus.words, memory), limb_count(montgomery.limb_count()) {
    memory += Montgomery::MemorySize(limb_count);
    base = montgomery.Place(memory);
    memory += Montgomery::NumberSize(limb_count);
    power = montgomery.Place(memory);
    memory += Montgomery::NumberSize(limb_count);
    selected = reinterpret_cast<int16_t*>(memory);
    table = selected + limb_count;
  }

  Montgomery montgomery;
  size_t limb_count;
  MontgomeryNumber base;
  MontgomeryNumber power;
  int16_t* selected;
  int16_t* table;
};

// `base` in Montgomery's form, `power` the square of its radix.
void Enter(const Workspace& work, std::span<const uint64_t> base, const OddModulus& modulus) {
  const Montgomery& montgomery = work.montgomery;
  // From 2^(2 words) in words of the modulus to the same in its limbs: S S / R is 2^(4 words) / R, and R^2 is to come.
  const size_t more = montgomery.radix_bits() - modulus.words.size() * kWordBits;
  montgomery.FromWords(work.power, modulus.radix_squared);
  montgomery.Square(work.power, work.power);
  montgomery.PowerOfTwo(work.base, 4 * more);
  montgomery.Multiply(work.power, work.base.limbs, work.power.pairs);
  montgomery.FromWords(work.base, base);
  montgomery.Multiply(work.base, work.base.limbs, work.power.pairs);
}

// From the topmost bit of an exponent that is at least 1; squares and multiplies as its bits are.
void PowerOfPublic(const Workspace& work, std::span<const uint64_t> exponent, size_t bits) {
  std::copy_n(work.base.limbs, work.limb_count, work.power.limbs);
  work.montgomery.Complete(work.power);
  for (size_t bit = bits - 1; bit-- > 0;) {
    work.montgomery.Square(work.power, work.power);
    if (Window(exponent, bit, 1) != 0) work.montgomery.Multiply(work.power, work.base.limbs, work.power.pairs);
  }
}

void PowerOfSecret(const Workspace& work, std::span<const uint64_t> exponent) {
  const Montgomery& montgomery = work.montgomery;
  const size_t bits = exponent.size() * kWordBits;
  const size_t window = WindowBits(bits);
  const size_t rows = size_t{1} << window;

  std::fill_n(work.selected, work.limb_count, 0);
  work.selected[0] = 1;
  for (size_t row = 0; row < rows; ++row) {
    montgomery.Multiply(work.power, row == 0 ? work.selected : work.base.limbs, work.power.pairs);
    std::copy_n(work.power.limbs, work.limb_count, work.table + row * work.limb_count);
  }

  // The topmost window has what is left over of the others.
  size_t position = bits - ((bits - 1) % window + 1);
  Select(work.power.limbs, work.table, rows, work.limb_count, Window(exponent, position, bits - position));
  montgomery.Complete(work.power);
  while (position > 0) {
    position -= window;
    for (size_t i = 0; i < window; ++i) montgomery.Square(work.power, work.power);
    Select(work.selected, work.table, rows, work.limb_count, Window(exponent, position, window));
    montgomery.Multiply(work.power, work.selected, work.power.pairs);
  }
}

size_t BitLength(std::span<const uint64_t> number) {
  size_t words = number.size();
  while (words > 0 && number[words - 1] == 0) --words;
  return words == 0 ? 0 : words * kWordBits - static_cast<size_t>(std::countl_zero(number[words - 1]));
}

}  // namespace

size_t ExponentiationMemory(size_t modulus_words, size_t exponent_words) {
  const size_t limb_count = Montgomery::LimbCount(modulus_words);
  const size_t rows = size_t{1} << WindowBits(exponent_words * kWordBits);
  return Montgomery::MemorySize(limb_count) + 2 * Montgomery::NumberSize(limb_count) +
         (rows + 1) * limb_count * sizeof(int16_t);
}

void Exponentiate(std::span<uint64_t> result, std::span<const uint64_t> base, std::span<const uint64_t> exponent,
                  ExponentKind kind, const OddModulus& modulus, std::byte* memory) {
  const Workspace work(modulus, memory);
  Enter(work, base, modulus);
  const size_t public_bits = kind == ExponentKind::kPublic ? BitLength(exponent) : 0;
  if (public_bits > 0 && public_bits <= kWordBits) {
    PowerOfPublic(work, exponent, public_bits);
  } else {
    PowerOfSecret(work, exponent);
  }
  std::fill_n(work.selected, work.limb_count, 0);
  work.selected[0] = 1;
  work.montgomery.Multiply(work.power, work.selected, work.power.pairs);
  work.montgomery.ToWords(result, work.power.limbs);
}

}  // namespace wasm_tls::kernels
