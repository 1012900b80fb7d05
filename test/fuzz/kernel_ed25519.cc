// Ed25519 against OpenSSL's: a seed, a message, and what of the signature and of the public key is replaced.
#include <algorithm>
#include <cstring>

#include "test/fuzz/fuzzing.h"
#include "test/kernels/curve25519_reference.h"

namespace wasm_tls::fuzz {
namespace {

using test::kOpenssls;
using test::kOurs;

struct Input {
  test::Bytes32 seed;
  test::Bytes32 public_key;
  test::Ed25519Signature signature;
  uint8_t kind;
};

void Compare(const Input& input, BytesView rest) {
  const size_t context_size = (input.kind & 64) != 0 ? rest.size() / 2 : 0;
  const test::Curve25519::Instance instance = {.named = (input.kind & 1) != 0,
                                               .prehashed = (input.kind & 2) != 0,
                                               .needs_context = (input.kind & 4) != 0,
                                               .context = rest.first(context_size)};
  const BytesView message = rest.subspan(context_size);
  test::Bytes32 public_key = kOurs.Ed25519Public(input.seed);
  Require(public_key == kOpenssls.Ed25519Public(input.seed));
  test::Ed25519Signature signature = kOurs.Sign(input.seed, message, instance);
  Require(signature == kOpenssls.Sign(input.seed, message, instance));
  if (signature != test::Ed25519Signature{}) Require(kOurs.Verify(public_key, message, signature, instance));

  if ((input.kind & 8) != 0) public_key = input.public_key;
  if ((input.kind & 16) != 0) std::copy_n(input.signature.begin(), 32, signature.begin());
  if ((input.kind & 32) != 0) std::copy_n(input.signature.begin() + 32, 32, signature.begin() + 32);
  Require(kOurs.IsPoint(public_key) == kOpenssls.IsPoint(public_key));
  Require(kOurs.Verify(public_key, message, signature, instance) ==
          kOpenssls.Verify(public_key, message, signature, instance));
}

}  // namespace
}  // namespace wasm_tls::fuzz

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  wasm_tls::fuzz::Init();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wasm_tls::fuzz::Input input = {};
  const size_t taken = std::min(size, sizeof(input));
  std::memcpy(&input, data, taken);
  wasm_tls::fuzz::Compare(input, {data + taken, size - taken});
  return 0;
}
