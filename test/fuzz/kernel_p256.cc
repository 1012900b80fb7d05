// P-256 against OpenSSL's generic arithmetic: two scalars and the multiple of the generator that is the point, or the
// key of a signature.
#include <cstring>

#include "test/fuzz/fuzzing.h"
#include "test/kernels/p256_reference.h"

namespace wasm_tls::fuzz {
namespace {

namespace p256 = kernels::p256;
using kernels::Words256;

// Section 6.4.2 of FIPS 186-5.
bool Verifies(const test::P256Reference& reference, const p256::Point& key, const Words256& digest, const Words256& r,
              const Words256& s) {
  for (const Words256& number : {r, s}) {
    if (p256::IsZero(number) || !p256::IsBelow(number, p256::kOrder)) return false;
  }
  const BIGNUM* const order = reference.order();
  const test::BnPtr inverse(BN_mod_inverse(nullptr, test::NumberFrom(s).get(), order, reference.ctx()));
  const auto times_inverse = [&](const Words256& number) {
    const test::BnPtr product(BN_new());
    BN_mod_mul(product.get(), test::NumberFrom(number).get(), inverse.get(), order, reference.ctx());
    return test::WordsFrom(product.get());
  };
  const Words256 of_generator = times_inverse(digest);
  const Words256 of_key = times_inverse(r);
  const std::optional<p256::Point> sum = reference.Multiply(&of_generator, &key, &of_key);
  return sum && p256::ReduceOnce(sum->x) == r;
}

// The signature of `digest` with a nonce, and whatever is no signature.
void CompareVerification(const test::P256Reference& reference, const p256::Point& key, const Words256& secret,
                         const Words256& nonce, const Words256& digest) {
  Require(p256::VerifyVariableTime(key, digest, nonce, secret) == Verifies(reference, key, digest, nonce, secret));
  if (p256::IsZero(nonce)) return;
  const Words256 r = p256::ReduceOnce(p256::MultiplyGenerator(nonce).x);
  const test::BnPtr s(BN_new());
  BN_mod_mul(s.get(), test::NumberFrom(r).get(), test::NumberFrom(secret).get(), reference.order(), reference.ctx());
  BN_mod_add(s.get(), s.get(), test::NumberFrom(digest).get(), reference.order(), reference.ctx());
  const Words256 s_words = p256::MultiplyScalars(p256::InvertScalar(nonce), test::WordsFrom(s.get()));
  const bool verifies = Verifies(reference, key, digest, r, s_words);
  Require(verifies != p256::IsZero(s_words));
  Require(p256::VerifyVariableTime(key, digest, r, s_words) == verifies);
}

void Compare(const Words256& a, const Words256& b, const Words256& of_point) {
  static const test::P256Reference reference;
  const auto same = [](const p256::Point& one, const std::optional<p256::Point>& other) {
    return other && one.x == other->x && one.y == other->y;
  };
  if (p256::IsZero(of_point)) return;
  const p256::Point point = p256::MultiplyGenerator(of_point);
  Require(same(point, reference.Multiply(&of_point)));
  Require(p256::IsOnCurve(point));
  if (!p256::IsZero(a)) Require(same(p256::Multiply(point, a), reference.Multiply(nullptr, &point, &a)));
  p256::Point sum;
  const bool finite = p256::MultiplyAddVariableTime(sum, a, point, b);
  const std::optional<p256::Point> expected = reference.Multiply(&a, &point, &b);
  Require(finite == expected.has_value());
  if (finite) Require(same(sum, expected));
  CompareVerification(reference, point, of_point, a, b);
}

}  // namespace
}  // namespace wasm_tls::fuzz

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  wasm_tls::fuzz::Init();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wasm_tls::kernels::Words256 numbers[3] = {};
  std::memcpy(numbers, data, size < sizeof(numbers) ? size : sizeof(numbers));
  for (auto& number : numbers) number = wasm_tls::kernels::p256::ReduceOnce(number);
  wasm_tls::fuzz::Compare(numbers[0], numbers[1], numbers[2]);
  return 0;
}
