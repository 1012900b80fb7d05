// P-256 by OpenSSL's generic arithmetic, which shares nothing with the kernel.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <cstdlib>
#include <optional>

#include "src/kernels/p256.h"
#include "src/kernels/p256_order.h"
#include "src/openssl_ptr.h"

namespace wasm_tls::test {

using BnPtr = OpensslPtr<BIGNUM, BN_free>;
using BnCtxPtr = OpensslPtr<BN_CTX, BN_CTX_free>;
using EcGroupPtr = OpensslPtr<EC_GROUP, EC_GROUP_free>;
using EcPointPtr = OpensslPtr<EC_POINT, EC_POINT_free>;
using EcKeyPtr = OpensslPtr<EC_KEY, EC_KEY_free>;
using EcdsaSigPtr = OpensslPtr<ECDSA_SIG, ECDSA_SIG_free>;

using kernels::Words256;
namespace p256 = kernels::p256;

inline Words256 WordsFrom(const BIGNUM* number) {
  Words256 words;
  if (BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(words.data()), 32) != 32) std::abort();
  return words;
}

inline BnPtr NumberFrom(const Words256& words) {
  return BnPtr(BN_lebin2bn(reinterpret_cast<const unsigned char*>(words.data()), 32, nullptr));
}

inline Words256 WordsFromHex(const char* hex) {
  BIGNUM* number = nullptr;
  if (BN_hex2bn(&number, hex) == 0) std::abort();
  return WordsFrom(BnPtr(number).get());
}

class P256Reference {
 public:
  P256Reference() {
    const EcGroupPtr named(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const BnPtr p(BN_new()), a(BN_new()), b(BN_new()), x(BN_new()), y(BN_new());
    EC_GROUP_get_curve(named.get(), p.get(), a.get(), b.get(), ctx());
    EC_POINT_get_affine_coordinates(named.get(), EC_GROUP_get0_generator(named.get()), x.get(), y.get(), ctx());
    generic_.reset(EC_GROUP_new_curve_GFp(p.get(), a.get(), b.get(), ctx()));
    ours_.reset(EC_GROUP_new(EC_GFp_nistp256_method()));
    if (EC_GROUP_set_curve(ours_.get(), p.get(), a.get(), b.get(), ctx()) != 1) std::abort();
    for (EC_GROUP* group : {generic_.get(), ours_.get()}) {
      const EcPointPtr generator(EC_POINT_new(group));
      EC_POINT_set_affine_coordinates(group, generator.get(), x.get(), y.get(), ctx());
      EC_GROUP_set_generator(group, generator.get(), EC_GROUP_get0_order(named.get()), BN_value_one());
    }
  }

  [[nodiscard]] BN_CTX* ctx() const { return ctx_.get(); }
  // OpenSSL's generic group, and one of the EC_METHOD that is linked in place of ecp_nistp256.c's.
  [[nodiscard]] EC_GROUP* generic() const { return generic_.get(); }
  [[nodiscard]] EC_GROUP* ours() const { return ours_.get(); }
  [[nodiscard]] const BIGNUM* order() const { return EC_GROUP_get0_order(generic_.get()); }

  // generator_scalar * G + scalar * point; either pair may be missing. Nothing at infinity.
  std::optional<p256::Point> Multiply(const Words256* generator_scalar, const p256::Point* point = nullptr,
                                      const Words256* scalar = nullptr) const {
    const EcPointPtr operand(EC_POINT_new(generic()));
    const EcPointPtr result(EC_POINT_new(generic()));
    const BnPtr generator_number = generator_scalar != nullptr ? NumberFrom(*generator_scalar) : nullptr;
    const BnPtr number = scalar != nullptr ? NumberFrom(*scalar) : nullptr;
    if (point != nullptr) {
      EC_POINT_set_affine_coordinates(generic(), operand.get(), NumberFrom(point->x).get(), NumberFrom(point->y).get(),
                                      ctx());
    }
    if (EC_POINT_mul(generic(), result.get(), generator_number.get(), point != nullptr ? operand.get() : nullptr,
                     number.get(), ctx()) != 1) {
      std::abort();
    }
    return Coordinates(generic(), result.get());
  }

  std::optional<p256::Point> Coordinates(const EC_GROUP* group, const EC_POINT* point) const {
    if (EC_POINT_is_at_infinity(group, point) == 1) return {};
    const BnPtr x(BN_new()), y(BN_new());
    if (EC_POINT_get_affine_coordinates(group, point, x.get(), y.get(), ctx()) != 1) std::abort();
    return p256::Point{WordsFrom(x.get()), WordsFrom(y.get())};
  }

 private:
  BnCtxPtr ctx_{BN_CTX_new()};
  EcGroupPtr generic_;
  EcGroupPtr ours_;
};

}  // namespace wasm_tls::test
