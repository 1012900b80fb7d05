// P-256 against OpenSSL's generic arithmetic: two scalars and the multiple of the generator that is the point.
#include <cstring>

#include "test/fuzz/fuzzing.h"
#include "test/kernels/p256_reference.h"

namespace wasm_tls::fuzz {
namespace {

namespace p256 = kernels::p256;
using kernels::Words256;

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
