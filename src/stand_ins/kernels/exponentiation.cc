// For BN_mod_exp_mont() and its siblings, through which RSA, its blinding and Diffie-Hellman over finite fields go. The
// linker leads every use of them here (--wrap); OpenSSL's own do what is too small or too odd.
#include "src/kernels/exponentiation.h"

#include <openssl/crypto.h>

#include "src/openssl_ptr.h"

extern "C" {
#include <local/bn_local.h>

int OpensslPower(BIGNUM* result, const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus, BN_CTX* context,
                 BN_MONT_CTX* montgomery) __asm__("__real_BN_mod_exp_mont");
int OpensslConstantTimePower(BIGNUM* result, const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus,
                             BN_CTX* context, BN_MONT_CTX* montgomery) __asm__("__real_BN_mod_exp_mont_consttime");

int Power(BIGNUM* result, const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus, BN_CTX* context,
          BN_MONT_CTX* montgomery) __asm__("__wrap_BN_mod_exp_mont");
int ConstantTimePower(BIGNUM* result, const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus,
                      BN_CTX* context, BN_MONT_CTX* montgomery) __asm__("__wrap_BN_mod_exp_mont_consttime");
int ConstantTimePowers(BIGNUM* result1, const BIGNUM* base1, const BIGNUM* exponent1, const BIGNUM* modulus1,
                       BN_MONT_CTX* montgomery1, BIGNUM* result2, const BIGNUM* base2, const BIGNUM* exponent2,
                       const BIGNUM* modulus2, BN_MONT_CTX* montgomery2,
                       BN_CTX* context) __asm__("__wrap_BN_mod_exp_mont_consttime_x2");
}

namespace wasm_tls {
namespace {

using MontgomeryPtr = OpensslPtr<BN_MONT_CTX, BN_MONT_CTX_free>;

// Memory that is wiped.
class Workspace {
 public:
  explicit Workspace(size_t size) : bytes_(static_cast<std::byte*>(OPENSSL_malloc(size))), size_(size) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() { OPENSSL_clear_free(bytes_, size_); }

  std::byte* bytes() const { return bytes_; }

 private:
  std::byte* bytes_;
  size_t size_;
};

size_t WordCount(const BIGNUM* number) { return static_cast<size_t>(number->top); }

bool Applies(const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus) {
  return WordCount(modulus) >= kernels::kLeastModulusWords && BN_is_odd(modulus) && WordCount(exponent) > 0 &&
         !BN_is_negative(base) && !BN_is_negative(exponent) && !BN_is_negative(modulus) && BN_ucmp(base, modulus) < 0;
}

int Compute(BIGNUM* result, const BIGNUM* base, const BIGNUM* exponent, kernels::ExponentKind kind,
            const BIGNUM* modulus, BN_CTX* context, BN_MONT_CTX* montgomery) {
  MontgomeryPtr own;
  if (montgomery == nullptr) {
    own.reset(BN_MONT_CTX_new());
    montgomery = own.get();
    if (montgomery == nullptr || !BN_MONT_CTX_set(montgomery, modulus, context)) return 0;
  }
  const size_t size = WordCount(modulus);
  const size_t needed = kernels::ExponentiationMemory(size, WordCount(exponent));
  const Workspace workspace(needed + 2 * size * sizeof(uint64_t));
  if (workspace.bytes() == nullptr) return 0;
  const std::span<uint64_t> padded(reinterpret_cast<uint64_t*>(workspace.bytes() + needed), size);
  const std::span<uint64_t> power(padded.data() + size, size);
  if (!bn_copy_words(padded.data(), base, modulus->top)) return 0;

  kernels::Exponentiate(power, padded, {exponent->d, WordCount(exponent)}, kind,
                        {{modulus->d, size}, {montgomery->RR.d, WordCount(&montgomery->RR)}}, workspace.bytes());
  if (!bn_set_words(result, power.data(), modulus->top)) return 0;
  BN_set_negative(result, 0);
  return 1;
}

}  // namespace
}  // namespace wasm_tls

using wasm_tls::Applies;
using wasm_tls::Compute;
using wasm_tls::kernels::ExponentKind;

extern "C" {

int Power(BIGNUM* result, const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus, BN_CTX* context,
          BN_MONT_CTX* montgomery) {
  if (!Applies(base, exponent, modulus)) {
    return OpensslPower(result, base, exponent, modulus, context, montgomery);
  }
  const bool secret = BN_get_flags(base, BN_FLG_CONSTTIME) != 0 || BN_get_flags(exponent, BN_FLG_CONSTTIME) != 0 ||
                      BN_get_flags(modulus, BN_FLG_CONSTTIME) != 0;
  return Compute(result, base, exponent, secret ? ExponentKind::kSecret : ExponentKind::kPublic, modulus, context,
                 montgomery);
}

int ConstantTimePower(BIGNUM* result, const BIGNUM* base, const BIGNUM* exponent, const BIGNUM* modulus,
                      BN_CTX* context, BN_MONT_CTX* montgomery) {
  if (!Applies(base, exponent, modulus)) {
    return OpensslConstantTimePower(result, base, exponent, modulus, context, montgomery);
  }
  return Compute(result, base, exponent, ExponentKind::kSecret, modulus, context, montgomery);
}

int ConstantTimePowers(BIGNUM* result1, const BIGNUM* base1, const BIGNUM* exponent1, const BIGNUM* modulus1,
                       BN_MONT_CTX* montgomery1, BIGNUM* result2, const BIGNUM* base2, const BIGNUM* exponent2,
                       const BIGNUM* modulus2, BN_MONT_CTX* montgomery2, BN_CTX* context) {
  return static_cast<int>(ConstantTimePower(result1, base1, exponent1, modulus1, context, montgomery1) != 0 &&
                          ConstantTimePower(result2, base2, exponent2, modulus2, context, montgomery2) != 0);
}

}  // extern "C"
