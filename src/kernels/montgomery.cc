#include "src/kernels/montgomery.h"

#include <algorithm>
#include <cstring>

#include "src/kernels/limbs13.h"
#include "src/kernels/simd.h"

namespace wasm_tls::kernels {
namespace {

// So many products fit into a sum of 32 bits.
constexpr size_t kMostProducts = 120;
// How many vectors of limbs may be multiplied before a carry: each of the two sums of a Column has two products of
// each.
constexpr size_t kVectorsAtOnce = kMostProducts / 2;

// The sums of one vector of limbs, of products with the limbs 0 and 1 of the spread vectors, and with limbs 2 and 3,
// which belong two lanes further up.
struct Column {
  // What the sums begin with.
  explicit Column(int32_t start) : low{start, start, start, start} {}

  I32x4 low;
  I32x4 high = {};

  void Add(const int16_t* limbs, const int32_t* pairs) {
    const auto b = Load<I16x8>(pairs);
    low += MultiplyPairs(Spread(limbs), b);
    high += MultiplyPairs(Spread(limbs + 2), b);
  }
};

// Columns k and k + 1.
struct TwoColumns {
  explicit TwoColumns(int32_t start) : first(start), second(start) {}

  Column first;
  Column second;

  // Vectors [from, to) of a times those of b that belong there.
  void Add(const int16_t* a, const int32_t* b, size_t k, size_t from, size_t to) {
    if (from >= to) return;
    const int16_t* limbs = a + 4 * from;
    const int16_t* const end = a + 4 * to;
    const int32_t* pairs = b + 4 * (k - from);
    while (true) {
      first.Add(limbs, pairs);
      second.Add(limbs, pairs + 4);
      limbs += 4;
      if (limbs == end) return;
      pairs -= 4;
    }
  }
};

// Passes carries on by one limb, vector after vector.
class Carry {
 public:
  // What stays of sums, and their carries.
  I32x4 Pass(I32x4 rest, I32x4 carries) {
    rest += UpByOne(carries_, carries);
    carries_ = carries;
    return rest;
  }
  I32x4 Pass(I32x4 sums) { return Pass(sums & kLimbMask, sums >> kLimbBits); }
  // What comes into the limb after the last.
  I32x4 Out() const { return UpByOne(carries_, I32x4{}); }

 private:
  I32x4 carries_ = {};
};

// Takes columns, in their order, and writes them after the first carry.
class ColumnWriter {
 public:
  // When there are sums already, the columns are added to them.
  ColumnWriter(int32_t* sums, bool add) : out_(sums), add_(add) {}

  void Put(const Column& column) {
    I32x4 low = column.low;
    if (add_) low += Load<I32x4>(out_);
    const I32x4 high = TakeHigh(column);
    // Both together may have 33 bits.
    const I32x4 carries = ((low >> 1) + (high >> 1)) >> (kLimbBits - 1);
    const I32x4 half = carries << (kLimbBits - 1);
    Write(carry_.Pass((low - half) + (high - half), carries));
  }

  // Twice the column, and what is to be counted once: of moduli that are not short.
  void PutTwice(const Column& column, I32x4 once) {
    if (add_) once += Load<I32x4>(out_);
    const I32x4 sum = column.low + TakeHigh(column);
    const I32x4 carries = (sum + (once >> 1)) >> (kLimbBits - 1);
    const I32x4 rest = sum - (carries << (kLimbBits - 1));
    Write(carry_.Pass(rest + rest + once, carries));
  }

 private:
  I32x4 TakeHigh(const Column& column) {
    const I32x4 high = UpByTwo(before_, column.high);
    before_ = column.high;
    return high;
  }
  void Write(I32x4 sums) {
    Store(out_, sums);
    out_ += 4;
  }

  int32_t* out_;
  bool add_;
  I32x4 before_ = {};
  Carry carry_;
};

// Columns [first, last) of the product of two rows of `size` vectors, with `start` added to each limb. When `first` is
// odd, it lacks what comes up from the column before it. `sums` begins at column `first`.
void MultiplyRows(int32_t* sums, const int16_t* a, const int32_t* b, size_t size, size_t first, size_t last,
                  int32_t start) {
  for (size_t from = 0; from < size; from += kVectorsAtOnce) {
    const size_t to = std::min(from + kVectorsAtOnce, size);
    ColumnWriter writer(sums, from > 0);
    size_t k = first;
    if (k % 2 != 0) {
      Column column(from == 0 ? start : 0);
      const size_t end = std::min(to, k + 1);
      for (size_t i = std::max(from, k + 1 - std::min(k + 1, size)); i < end; ++i)
        column.Add(a + 4 * i, b + 4 * (k - i));
      writer.Put(column);
      ++k;
    }
    for (; k < last; k += 2) {
      TwoColumns columns(from == 0 ? start : 0);
      const size_t head = k + 2 > size ? k + 2 - size : 0;
      columns.Add(a, b, k, std::max(from, head), std::min(to, k + 1));
      if (head > from && head <= to) columns.first.Add(a + 4 * (head - 1), b + 4 * (size - 1));
      if (k + 1 >= from && k + 1 < to) columns.second.Add(a + 4 * (k + 1), b);
      writer.Put(columns.first);
      writer.Put(columns.second);
    }
  }
}

// All columns of a square, with kHalf added to each limb. Of a product and its mirror image, one is computed and
// doubled: where vector i of the limbs comes before vector j of the pairs. That leaves out, or counts wrongly, what is
// between limbs of the same vector.
void SquareRow(int32_t* sums, MontgomeryNumber a, size_t size) {
  // Half of the vectors at most are multiplied with later ones, if all are done at once.
  const size_t step = size <= kVectorsAtOnce ? size : kVectorsAtOnce / 2;
  for (size_t from = 0; from < size; from += step) {
    const size_t to = std::min(from + step, size);
    ColumnWriter writer(sums, from > 0);
    for (size_t middle = 0; middle < size; ++middle) {
      const size_t k = 2 * middle;
      TwoColumns columns(from == 0 ? kHalf / 2 : 0);
      const size_t head = k + 2 > size ? k + 2 - size : 0;
      const size_t end = std::min(to, middle);
      columns.Add(a.limbs, a.pairs, k, std::max(from, head), end);
      if (head > from && head <= end) columns.first.Add(a.limbs + 4 * (head - 1), a.pairs + 4 * (size - 1));
      I32x4 low = {};
      I32x4 high = {};
      if (middle >= from && middle < to) {
        const int16_t* limbs = a.limbs + 4 * middle;
        const int32_t* pairs = a.pairs + 4 * middle;
        if (middle + 1 < size) columns.second.Add(limbs, pairs + 4);
        // a0 a0, 2 a0 a1, 2 a0 a2 + a1 a1, 2 a0 a3 + 2 a1 a2; a2 a2, 2 a2 a3, and a3 a3, which was doubled: once less.
        low = MultiplyPairs(Spread(limbs) * I16x8{1, 0, 2, 0, 2, 1, 2, 2}, Load<I16x8>(pairs));
        high = MultiplyPairs(Spread(limbs + 2) * I16x8{1, 0, 2, 0, 0, -1, 0, 0}, Load<I16x8>(pairs + 2));
      }
      writer.PutTwice(columns.first, low);
      writer.PutTwice(columns.second, high);
    }
  }
}

// Sums after the first carry become limbs, eight at a time. They have kHalf on top: what is left by the carry is
// positive, and limbs shall be of either sign.
I16x8 TakeLimbs(Carry& carry, I32x4 first, I32x4 second) {
  const I32x4 passed = carry.Pass(first);
  return Narrow(passed, carry.Pass(second)) - static_cast<int16_t>(kHalf);
}

I16x8 TakeLimbs(Carry& carry, const int32_t* sums) {
  return TakeLimbs(carry, Load<I32x4>(sums), Load<I32x4>(sums + 4));
}

void TakeLimbs(int16_t* limbs, Carry& carry, const int32_t* sums, size_t size) {
  for (size_t k = 0; k < 4 * size; k += 8) Store(limbs + k, TakeLimbs(carry, sums + k));
}

// -1/word modulo 2^64: each step doubles the bits that are right, and word * word = 1 modulo 8.
uint64_t NegativeInverse(uint64_t word) {
  uint64_t inverse = word;
  for (int bits = 3; bits < 64; bits *= 2) inverse *= 2 - word * inverse;
  return 0 - inverse;
}

}  // namespace

size_t Montgomery::LimbCount(size_t words) { return (words * 64 / kLimbBits + 2 + 7) / 8 * 8; }

size_t Montgomery::NumberSize(size_t limb_count) { return limb_count * (2 * sizeof(int16_t) + sizeof(int32_t)) + 16; }

size_t Montgomery::MemorySize(size_t limb_count) {
  return 2 * NumberSize(limb_count) + limb_count * (3 * sizeof(int32_t) + 2 * sizeof(int16_t)) + 16;
}

MontgomeryNumber Montgomery::Place(std::byte* memory) const {
  auto* const limbs = reinterpret_cast<int16_t*>(memory + limb_count() * sizeof(int32_t) + 16);
  const MontgomeryNumber number = {limbs, reinterpret_cast<int32_t*>(memory), limbs + limb_count()};
  Store(number.pairs + limb_count(), I32x4{});
  return number;
}

Montgomery::Montgomery(std::span<const uint64_t> modulus, std::byte* memory)
    : words_(modulus), size_(LimbCount(modulus.size()) / 4) {
  const auto take = [&memory](size_t size) {
    std::byte* taken = memory;
    memory += size;
    return taken;
  };
  modulus_ = Place(take(NumberSize(limb_count())));
  inverse_ = Place(take(NumberSize(limb_count())));
  product_ = reinterpret_cast<int32_t*>(take(2 * limb_count() * sizeof(int32_t)));
  sums_ = reinterpret_cast<int32_t*>(take(limb_count() * sizeof(int32_t) + 16));
  limbs_ = reinterpret_cast<int16_t*>(take(limb_count() * sizeof(int16_t)));
  quotient_ = reinterpret_cast<int16_t*>(take(limb_count() * sizeof(int16_t)));
  FromWords(modulus_, modulus);
  Invert();
}

// Newton's iteration, x (2 + N x), doubles the limbs that are right.
void Montgomery::Invert() {
  std::fill_n(inverse_.limbs, limb_count(), 0);
  uint64_t word = NegativeInverse(words_[0]) + kHalf;
  for (size_t i = 0; i < 4; ++i) {
    inverse_.limbs[i] = static_cast<int16_t>(static_cast<int>(word & kLimbMask) - kHalf);
    word = (word >> kLimbBits) + kHalf;
  }
  for (size_t right = 1; right < size_; right *= 2) {
    const size_t size = std::min(2 * right, size_);
    MultiplyRows(sums_, inverse_.limbs, modulus_.pairs, size, 0, size, kHalf);
    sums_[0] += 2;
    PairWriter factor(product_);
    Carry carry;
    for (size_t k = 0; k < 4 * size; k += 8) factor.Put(TakeLimbs(carry, sums_ + k));
    MultiplyRows(sums_, inverse_.limbs, product_, size, 0, size, kHalf);
    Carry last;
    TakeLimbs(inverse_.limbs, last, sums_, size);
  }
  Complete(inverse_);
}

void Montgomery::Multiply(MontgomeryNumber to, const int16_t* a_limbs, const int32_t* b_pairs) const {
  if (size_ <= kShortVectors) {
    MultiplyShort(to, a_limbs, b_pairs);
    return;
  }
  MultiplyRows(product_, a_limbs, b_pairs, size_, 0, 2 * size_, kHalf);
  Reduce(to);
}

void Montgomery::Square(MontgomeryNumber to, MontgomeryNumber a) const {
  if (size_ <= kShortVectors) {
    SquareShort(to, a);
    return;
  }
  SquareRow(product_, a, size_);
  Reduce(to);
}

// (T + Q N) / R for the product T and the quotient Q = -T/N modulo R. Of Q N, the upper half is computed: the lower is
// -T modulo R. What is carried out of it follows from its two topmost limbs, since it is a multiple of R.
void Montgomery::Reduce(MontgomeryNumber to) const {
  Carry product_carry;
  TakeLimbs(limbs_, product_carry, product_, size_);
  const int32_t top = limbs_[limb_count() - 1];
  const int32_t below_top = limbs_[limb_count() - 2];

  MultiplyRows(sums_, limbs_, inverse_.pairs, size_, 0, size_, kHalf);
  Carry quotient_carry;
  TakeLimbs(quotient_, quotient_carry, sums_, size_);

  MultiplyRows(sums_, quotient_, modulus_.pairs, size_, size_ - 1, 2 * size_, 0);
  const int64_t rest = (int64_t{sums_[3] + top} << kLimbBits) + sums_[2] + below_top;
  sums_[4] += static_cast<int32_t>((rest + (int64_t{1} << (2 * kLimbBits - 1))) >> (2 * kLimbBits));

  int32_t* upper = product_ + limb_count();
  Store(upper, Load<I32x4>(upper) + product_carry.Out());
  NumberWriter writer(to);
  Carry carry;
  for (size_t k = 0; k < limb_count(); k += 8) {
    writer.Put(TakeLimbs(carry, Load<I32x4>(upper + k) + Load<I32x4>(sums_ + k + 4),
                         Load<I32x4>(upper + k + 4) + Load<I32x4>(sums_ + k + 8)));
  }
}

size_t Montgomery::radix_bits() const { return limb_count() * kLimbBits; }

void Montgomery::Complete(MontgomeryNumber number) const {
  NumberWriter writer(number);
  for (size_t k = 0; k < limb_count(); k += 8) writer.Put(Load<I16x8>(number.limbs + k));
}

void Montgomery::FromWords(MontgomeryNumber to, std::span<const uint64_t> words) const {
  int carry = 0;
  for (size_t i = 0; i < limb_count(); ++i) {
    const size_t word = i * kLimbBits / 64;
    const size_t shift = i * kLimbBits % 64;
    uint64_t bits = word < words.size() ? words[word] >> shift : 0;
    if (shift > 64 - kLimbBits && word + 1 < words.size()) bits |= words[word + 1] << (64 - shift);
    const int sum = static_cast<int>(bits & kLimbMask) + carry;
    carry = (sum + kHalf) >> kLimbBits;
    to.limbs[i] = static_cast<int16_t>(sum - (carry << kLimbBits));
  }
  Complete(to);
}

void Montgomery::PowerOfTwo(MontgomeryNumber to, size_t exponent) const {
  std::fill_n(to.limbs, limb_count(), 0);
  to.limbs[exponent / kLimbBits] = static_cast<int16_t>(1 << (exponent % kLimbBits));
  Complete(to);
}

void Montgomery::ToWords(std::span<uint64_t> words, const int16_t* limbs) const {
  std::fill(words.begin(), words.end(), 0);
  int carry = 0;
  for (size_t i = 0; i < limb_count(); ++i) {
    carry += limbs[i];
    const auto bits = static_cast<uint64_t>(carry & kLimbMask);
    carry >>= kLimbBits;
    const size_t word = i * kLimbBits / 64;
    const size_t shift = i * kLimbBits % 64;
    if (word < words.size()) words[word] |= bits << shift;
    if (shift > 64 - kLimbBits && word + 1 < words.size()) words[word + 1] |= bits >> (64 - shift);
  }
  // The last carry is -1 or 0: once the modulus, or nothing.
  const uint64_t mask = static_cast<uint64_t>(int64_t{carry});
  uint64_t over = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const uint64_t addend = words_[i] & mask;
    const uint64_t sum = words[i] + addend;
    const uint64_t total = sum + over;
    over = static_cast<uint64_t>(sum < addend) | static_cast<uint64_t>(total < sum);
    words[i] = total;
  }
}

}  // namespace wasm_tls::kernels
