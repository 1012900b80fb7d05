// Short moduli, such as the primes of RSA-2048 and RSA-3072: nothing but limbs goes through memory, and the upper half
// of a product is added up together with that of the quotient times the modulus.
//
// What V8 makes of it decides about its form: where paths meet while sums are in registers, it moves them around for
// longer than some products take. So there are as few conditions as possible.
#include "src/kernels/limbs13.h"
#include "src/kernels/montgomery.h"
#include "src/kernels/simd.h"

namespace wasm_tls::kernels {
namespace {

// No limb is larger. Two sums, of less than 2^31 each, are carried at once, and what they carry is carried once more.
constexpr int64_t kLargest = 4226;
static_assert(kHalf + ((int64_t{2} << (31 - kLimbBits)) + 2 * kLimbMask) / (1 << kLimbBits) + 1 <= kLargest);

// The sums of one vector of limbs: of products with the limbs 0 and 1 of the spread vectors, and with limbs 2 and 3,
// which belong two lanes further up.
struct Column {
  I32x4 low;
  I32x4 high;

  void Add(const int16_t* limbs, const int32_t* pairs) {
    const auto b = Load<I16x8>(pairs);
    low += MultiplyPairs(Spread(limbs), b);
    high += MultiplyPairs(Spread(limbs + 2), b);
  }
};

// Columns k and k + 1 of numbers of `size` vectors, both of which are even.
struct TwoColumns {
  // Each limb has kHalf on top, since what carries leave is positive, and limbs shall be of either sign; the first one
  // `more` besides.
  explicit TwoColumns(int32_t more) : first{I32x4{more, 0, 0, 0} + kHalf, {}}, second{I32x4{} + kHalf, {}} {}

  Column first;
  Column second;

  // `count` vectors of limbs, times those of pairs that belong there: at `pairs` is what the first one finds for the
  // first column.
  [[gnu::always_inline]] void Add(const int16_t* limbs, const int32_t* pairs, size_t count) {
    if (count % 2 != 0) {
      first.Add(limbs, pairs);
      second.Add(limbs, pairs + 4);
      limbs += 4;
      pairs -= 4;
    }
    if (count < 2) return;
    const int16_t* const end = limbs + 4 * (count - count % 2);
    auto upper = Load<I16x8>(pairs + 4);
    while (true) {
      const auto middle = Load<I16x8>(pairs);
      const auto lower = Load<I16x8>(pairs - 4);
      const I16x8 a0 = Spread(limbs), a1 = Spread(limbs + 2), a2 = Spread(limbs + 4), a3 = Spread(limbs + 6);
      first.low += MultiplyPairs(a0, middle) + MultiplyPairs(a2, lower);
      second.low += MultiplyPairs(a0, upper) + MultiplyPairs(a2, middle);
      first.high += MultiplyPairs(a1, middle) + MultiplyPairs(a3, lower);
      second.high += MultiplyPairs(a1, upper) + MultiplyPairs(a3, middle);
      limbs += 8;
      if (limbs == end) return;
      pairs -= 8;
      upper = lower;
    }
  }
};

// Adds columns of a product: of its lower half, or of its upper half.
struct ProductFactors {
  const int16_t* a;
  const int32_t* b;
  size_t size;

  [[gnu::always_inline]] void AddLower(TwoColumns& columns, size_t k) const {
    columns.Add(a, b + 4 * k, k + 1);
    columns.second.Add(a + 4 * (k + 1), b);
  }
  [[gnu::always_inline]] void AddUpper(TwoColumns& columns, size_t k) const {
    const size_t from = k + 2 - size;
    columns.first.Add(a + 4 * (from - 1), b + 4 * (size - 1));
    if (from < size) columns.Add(a + 4 * from, b + 4 * (size - 2), size - from);
  }
};

// Of a product and its mirror image, one is computed with doubled limbs: where vector i of the limbs comes before
// vector j of the pairs. What is left are products between limbs of the same vector.
struct SquareFactor {
  MontgomeryNumber a;
  size_t size;

  [[gnu::always_inline]] void AddLower(TwoColumns& columns, size_t k) const {
    if (k > 0) columns.Add(a.twice, a.pairs + 4 * k, k / 2);
    AddMiddle(columns, k / 2);
  }
  [[gnu::always_inline]] void AddUpper(TwoColumns& columns, size_t k) const {
    const size_t from = k + 2 - size;
    if (from <= k / 2) columns.first.Add(a.twice + 4 * (from - 1), a.pairs + 4 * (size - 1));
    if (from < k / 2) columns.Add(a.twice + 4 * from, a.pairs + 4 * (size - 2), k / 2 - from);
    AddMiddle(columns, k / 2);
  }

 private:
  [[gnu::always_inline]] void AddMiddle(TwoColumns& columns, size_t middle) const {
    const int16_t* const limbs = a.limbs + 4 * middle;
    const int32_t* const pairs = a.pairs + 4 * middle;
    columns.second.Add(a.twice + 4 * middle, pairs + 4);
    const auto now = Load<I16x8>(pairs);
    const auto next = Load<I16x8>(pairs + 4);
    // a0 a0, 2 a0 a1, 2 a0 a2 + a1 a1, 2 a0 a3 + 2 a1 a2; a2 a2, 2 a2 a3, and a3 a3, which was doubled: once less.
    columns.first.low += MultiplyPairs(Spread(limbs) * I16x8{1, 0, 2, 0, 2, 1, 2, 2}, now);
    columns.second.low += MultiplyPairs(Spread(limbs + 2) * I16x8{1, 0, 2, 0, 0, -1, 0, 0},
                                        __builtin_shufflevector(now, next, 4, 5, 6, 7, 8, 9, 10, 11));
  }
};

// What columns pass on to the next ones.
struct Carries {
  // The sums that belong two lanes up; the first carry, of limbs as they were added up; the second.
  I32x4 high = {};
  I32x4 first = {};
  I16x8 second = {};

  // The limbs of two columns.
  [[gnu::always_inline]] I16x8 Pass(const TwoColumns& columns) {
    const I32x4 one = PassFirst(columns.first);
    const I32x4 two = PassFirst(columns.second);
    const I16x8 carries = Narrow(one >> kLimbBits, two >> kLimbBits);
    const I16x8 rest = Narrow(one & kLimbMask, two & kLimbMask) - static_cast<int16_t>(kHalf);
    const I16x8 below = second;
    second = carries;
    return rest + UpByOne(below, carries);
  }

 private:
  // Both sums together may have 33 bits.
  [[gnu::always_inline]] I32x4 PassFirst(const Column& column) {
    const I32x4 up = UpByTwo(high, column.high);
    high = column.high;
    const I32x4 carries = (column.low >> kLimbBits) + (up >> kLimbBits);
    const I32x4 below = first;
    first = carries;
    return (column.low & kLimbMask) + (up & kLimbMask) + UpByOne(below, carries);
  }
};

}  // namespace

// What the lower half of the quotient times the modulus has for the upper half: sums of its last column, and the carry,
// of the lower half of the product, too.
struct Montgomery::ShortCarry {
  I32x4 high;
  int32_t carry;
};

// From the lower half of the product, in limbs.
Montgomery::ShortCarry Montgomery::QuotientShort() const {
  const ProductFactors by_inverse = {limbs_, inverse_.pairs, size_};
  Carries carries;
  for (size_t k = 0; k < size_; k += 2) {
    TwoColumns columns(0);
    by_inverse.AddLower(columns, k);
    Store(quotient_ + 4 * k, carries.Pass(columns));
  }
  Column edge = {};
  for (size_t i = 0; i < size_; ++i) edge.Add(quotient_ + 4 * i, modulus_.pairs + 4 * (size_ - 1 - i));
  const int64_t last = int64_t{edge.low[3]} + edge.high[1] + limbs_[limb_count() - 1];
  const int64_t rest = (last << kLimbBits) + edge.low[2] + edge.high[0] + limbs_[limb_count() - 2];
  return {edge.high, static_cast<int32_t>((rest + (int64_t{1} << (2 * kLimbBits - 1))) >> (2 * kLimbBits))};
}

// As Reduce() does it.
template <class Factors>
[[gnu::always_inline]] inline void Montgomery::ComputeShort(MontgomeryNumber to, const Factors& factors) const {
  // Each vector of both products adds two products of limbs to a sum, which began with a carry.
  static_assert(2 * 2 * kShortVectors * kLargest * kLargest + (int64_t{2} << (31 - kLimbBits)) < int64_t{1} << 31);

  Carries carries;
  for (size_t k = 0; k < size_; k += 2) {
    TwoColumns columns(0);
    factors.AddLower(columns, k);
    Store(limbs_ + 4 * k, carries.Pass(columns));
  }
  const ShortCarry from_lower = QuotientShort();
  carries.high += from_lower.high;
  int32_t carry = from_lower.carry + carries.second[7];
  carries.second = {};

  // Where `to` is an operand, what is overwritten was needed before.
  const ProductFactors by_modulus = {quotient_, modulus_.pairs, size_};
  NumberWriter writer(to);
  for (size_t k = size_; k < 2 * size_; k += 2) {
    TwoColumns columns(carry);
    carry = 0;
    factors.AddUpper(columns, k);
    by_modulus.AddUpper(columns, k);
    writer.Put(carries.Pass(columns));
  }
}

void Montgomery::MultiplyShort(MontgomeryNumber to, const int16_t* a_limbs, const int32_t* b_pairs) const {
  ComputeShort(to, ProductFactors{a_limbs, b_pairs, size_});
}

void Montgomery::SquareShort(MontgomeryNumber to, MontgomeryNumber a) const {
  ComputeShort(to, SquareFactor{a, size_});
}

}  // namespace wasm_tls::kernels
