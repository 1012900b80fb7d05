// For crypto/ec/ecp_nistp256.c: the EC_METHOD that OpenSSL's table of curves names for P-256. What it takes long for is
// src/kernels/p256.h's; points stay EC_POINTs, and all that is not on a handshake's way is the generic implementation.
//
// Natively OpenSSL's table names assembler instead. The tests make groups of this method there.
#include "src/kernels/p256.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <span>

#include "src/kernels/p256_order.h"
#include "src/openssl_ptr.h"

extern "C" {
#include <crypto/bn.h>
#include <local/ec_local.h>
}

namespace {

using wasm_tls::OpensslPtr;
using wasm_tls::kernels::Words256;
namespace p256 = wasm_tls::kernels::p256;

using BnPtr = OpensslPtr<BIGNUM, BN_free>;
using PointPtr = OpensslPtr<EC_POINT, EC_POINT_clear_free>;

constexpr int kBytes = 32;

// The curve: p, a and b.
constexpr Words256 kPrime = {0xffff'ffff'ffff'ffff, 0x0000'0000'ffff'ffff, 0, 0xffff'ffff'0000'0001};
constexpr Words256 kA = {0xffff'ffff'ffff'fffc, 0x0000'0000'ffff'ffff, 0, 0xffff'ffff'0000'0001};
constexpr Words256 kB = {0x3bce'3c3e'27d2'604b, 0x651d'06b0'cc53'b0f6, 0xb3eb'bd55'7698'86bc, 0x5ac6'35d8'aa3a'93e7};
constexpr p256::Point kGenerator = {
    {0xf4a1'3945'd898'c296, 0x7703'7d81'2deb'33a0, 0xf8bc'e6e5'63a4'40f2, 0x6b17'd1f2'e12c'4247},
    {0xcbb6'4068'37bf'51f5, 0x2bce'3357'6b31'5ece, 0x8ee7'eb4a'7c0f'9e16, 0x4fe3'42e2'fe1a'7f9b}};

bool Refuse(int reason) {
  ERR_raise(ERR_LIB_EC, reason);
  return false;
}

// Words that do not outlive their use.
struct SecretWords {
  Words256 words = {};
  ~SecretWords() { OPENSSL_cleanse(words.data(), kBytes); }
};

// False if it is negative or has more than 256 bits.
bool ToWords(Words256& words, const BIGNUM* number) {
  return BN_is_negative(number) == 0 &&
         BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(words.data()), kBytes) == kBytes;
}

bool FromWords(BIGNUM* number, const Words256& words) {
  BN_set_negative(number, 0);
  return BN_lebin2bn(reinterpret_cast<const unsigned char*>(words.data()), kBytes, number) != nullptr;
}

bool Equals(const BIGNUM* number, const Words256& expected) {
  Words256 words;
  return ToWords(words, number) && words == expected;
}

// A scalar modulo n. Those that are not below 2^256 take longer, and need not be secret.
bool ToScalar(Words256& words, const BIGNUM* number, const EC_GROUP* group, BN_CTX* ctx) {
  if (!ToWords(words, number)) {
    const BnPtr reduced(BN_new());
    if (!reduced || BN_nnmod(reduced.get(), number, group->order, ctx) == 0 || !ToWords(words, reduced.get())) {
      return Refuse(ERR_R_BN_LIB);
    }
  }
  words = p256::ReduceOnce(words);
  return true;
}

// The point must not be at infinity.
bool ToAffine(p256::Point& affine, const EC_GROUP* group, const EC_POINT* point, BN_CTX* ctx) {
  if (point->Z_is_one != 0) return ToWords(affine.x, point->X) && ToWords(affine.y, point->Y);
  const BnPtr x(BN_new());
  const BnPtr y(BN_new());
  return x && y && ossl_ec_GFp_simple_point_get_affine_coordinates(group, point, x.get(), y.get(), ctx) == 1 &&
         ToWords(affine.x, x.get()) && ToWords(affine.y, y.get());
}

bool SetAffine(EC_POINT* point, const p256::Point& affine) {
  if (!FromWords(point->X, affine.x) || !FromWords(point->Y, affine.y) || BN_one(point->Z) == 0) {
    return Refuse(ERR_R_BN_LIB);
  }
  point->Z_is_one = 1;
  return true;
}

bool HasUsualGenerator(const EC_GROUP* group) {
  const EC_POINT* generator = group->generator;
  return generator != nullptr && generator->Z_is_one != 0 && Equals(generator->X, kGenerator.x) &&
         Equals(generator->Y, kGenerator.y);
}

// result = scalar * point. Every point of the curve has the order n, so that multiples of n need no computing: with one
// of them EC_KEY_check_key() asks whether a peer's key has that order.
bool MultiplyOne(const EC_GROUP* group, EC_POINT* result, const EC_POINT* point, const BIGNUM* scalar, BN_CTX* ctx) {
  SecretWords secret;
  if (!ToScalar(secret.words, scalar, group, ctx)) return false;
  if (EC_POINT_is_at_infinity(group, point) != 0 || p256::IsZero(secret.words)) {
    return EC_POINT_set_to_infinity(group, result) == 1;
  }
  p256::Point product;
  if (point == group->generator && HasUsualGenerator(group)) {
    product = p256::MultiplyGenerator(secret.words);
  } else {
    p256::Point affine;
    if (!ToAffine(affine, group, point, ctx)) return false;
    product = p256::Multiply(affine, secret.words);
  }
  const bool done = SetAffine(result, product);
  // Perhaps what two parties share.
  OPENSSL_cleanse(&product, sizeof(product));
  return done;
}

// result = generator_scalar * G + scalar * point, as a signature's verification has it: nothing of it is secret.
bool MultiplyTwo(const EC_GROUP* group, EC_POINT* result, const BIGNUM* generator_scalar, const EC_POINT* point,
                 const BIGNUM* scalar, BN_CTX* ctx) {
  Words256 generator_words;
  Words256 words;
  p256::Point affine;
  p256::Point sum;
  if (!ToScalar(generator_words, generator_scalar, group, ctx) || !ToScalar(words, scalar, group, ctx) ||
      !ToAffine(affine, group, point, ctx)) {
    return false;
  }
  return p256::MultiplyAddVariableTime(sum, generator_words, affine, words)
             ? SetAffine(result, sum)
             : EC_POINT_set_to_infinity(group, result) == 1;
}

// The members of the EC_METHOD.

int InitGroup(EC_GROUP* group) {
  const int result = ossl_ec_GFp_simple_group_init(group);
  group->a_is_minus3 = 1;
  return result;
}

int SetCurve(EC_GROUP* group, const BIGNUM* p, const BIGNUM* a, const BIGNUM* b, BN_CTX* ctx) {
  if (!Equals(p, kPrime) || !Equals(a, kA) || !Equals(b, kB)) return Refuse(EC_R_WRONG_CURVE_PARAMETERS);
  group->field_mod_func = BN_nist_mod_256;
  return ossl_ec_GFp_simple_group_set_curve(group, p, a, b, ctx);
}

int GetAffineCoordinates(const EC_GROUP* group, const EC_POINT* point, BIGNUM* x, BIGNUM* y, BN_CTX* ctx) {
  if (point->Z_is_one == 0) return ossl_ec_GFp_simple_point_get_affine_coordinates(group, point, x, y, ctx);
  const bool copied =
      (x == nullptr || BN_copy(x, point->X) != nullptr) && (y == nullptr || BN_copy(y, point->Y) != nullptr);
  return copied ? 1 : 0;
}

int IsOnCurve(const EC_GROUP* group, const EC_POINT* point, BN_CTX* ctx) {
  p256::Point affine;
  if (point->Z_is_one == 0 || !ToAffine(affine, group, point, ctx)) {
    return ossl_ec_GFp_simple_is_on_curve(group, point, ctx);
  }
  return p256::IsOnCurve(affine) ? 1 : 0;
}

// result = scalar * generator + the sum of scalars[i] * points[i].
int Multiply(const EC_GROUP* group, EC_POINT* result, const BIGNUM* scalar, size_t count, const EC_POINT* points[],
             const BIGNUM* scalars[], BN_CTX* ctx) {
  if (scalar != nullptr && count == 0) return MultiplyOne(group, result, group->generator, scalar, ctx) ? 1 : 0;
  if (scalar == nullptr && count == 1) return MultiplyOne(group, result, points[0], scalars[0], ctx) ? 1 : 0;
  if (scalar != nullptr && count == 1 && HasUsualGenerator(group) && EC_POINT_is_at_infinity(group, points[0]) == 0) {
    return MultiplyTwo(group, result, scalar, points[0], scalars[0], ctx) ? 1 : 0;
  }
  // `result` may be one of the points.
  const PointPtr sum(EC_POINT_new(group));
  const PointPtr product(EC_POINT_new(group));
  if (!sum || !product || EC_POINT_set_to_infinity(group, sum.get()) != 1) return 0;
  const auto add = [&](const EC_POINT* point, const BIGNUM* factor) {
    return MultiplyOne(group, product.get(), point, factor, ctx) &&
           EC_POINT_add(group, sum.get(), sum.get(), product.get(), ctx) == 1;
  };
  if (scalar != nullptr && !add(group->generator, scalar)) return 0;
  for (size_t i = 0; i < count; ++i) {
    if (!add(points[i], scalars[i])) return 0;
  }
  return EC_POINT_copy(result, sum.get());
}

int InvertModuloOrder(const EC_GROUP* group, BIGNUM* result, const BIGNUM* number, BN_CTX* ctx) {
  SecretWords secret;
  if (!ToScalar(secret.words, number, group, ctx)) return 0;
  secret.words = p256::InvertScalar(secret.words);
  return FromWords(result, secret.words) ? 1 : 0;
}

// The digest's first 256 bits as a number: OpenSSL takes shorter ones as they are.
Words256 DigestWords(std::span<const unsigned char> digest) {
  Words256 words = {};
  const size_t size = std::min<size_t>(digest.size(), kBytes);
  for (size_t i = 0; i < size; ++i) words[i / 8] |= uint64_t{digest[size - 1 - i]} << (i % 8 * 8);
  return words;
}

// 1: the signature is right; 0: wrong; -1: an error.
int VerifySignature(const unsigned char* digest, int digest_size, const ECDSA_SIG* signature, EC_KEY* key) {
  const EC_POINT* point = key->pub_key;
  p256::Point affine;
  if (point == nullptr || point->Z_is_one == 0 || !HasUsualGenerator(key->group) ||
      !ToAffine(affine, key->group, point, nullptr)) {
    return ossl_ecdsa_simple_verify_sig(digest, digest_size, signature, key);
  }
  Words256 r;
  Words256 s;
  if (!ToWords(r, signature->r) || !ToWords(s, signature->s) || p256::IsZero(r) || p256::IsZero(s) ||
      !p256::IsBelow(r, p256::kOrder) || !p256::IsBelow(s, p256::kOrder)) {
    Refuse(EC_R_BAD_SIGNATURE);
    return 0;
  }
  const Words256 number = DigestWords({digest, static_cast<size_t>(digest_size)});
  return p256::VerifyVariableTime(affine, number, r, s) ? 1 : 0;
}

constexpr EC_METHOD kMethod = {
    .flags = EC_FLAGS_DEFAULT_OCT,
    .field_type = NID_X9_62_prime_field,
    .group_init = InitGroup,
    .group_finish = ossl_ec_GFp_simple_group_finish,
    .group_clear_finish = ossl_ec_GFp_simple_group_clear_finish,
    .group_copy = ossl_ec_GFp_nist_group_copy,
    .group_set_curve = SetCurve,
    .group_get_curve = ossl_ec_GFp_simple_group_get_curve,
    .group_get_degree = ossl_ec_GFp_simple_group_get_degree,
    .group_order_bits = ossl_ec_group_simple_order_bits,
    .group_check_discriminant = ossl_ec_GFp_simple_group_check_discriminant,
    .point_init = ossl_ec_GFp_simple_point_init,
    .point_finish = ossl_ec_GFp_simple_point_finish,
    .point_clear_finish = ossl_ec_GFp_simple_point_clear_finish,
    .point_copy = ossl_ec_GFp_simple_point_copy,
    .point_set_to_infinity = ossl_ec_GFp_simple_point_set_to_infinity,
    .point_set_affine_coordinates = ossl_ec_GFp_simple_point_set_affine_coordinates,
    .point_get_affine_coordinates = GetAffineCoordinates,
    .add = ossl_ec_GFp_simple_add,
    .dbl = ossl_ec_GFp_simple_dbl,
    .invert = ossl_ec_GFp_simple_invert,
    .is_at_infinity = ossl_ec_GFp_simple_is_at_infinity,
    .is_on_curve = IsOnCurve,
    .point_cmp = ossl_ec_GFp_simple_cmp,
    .make_affine = ossl_ec_GFp_simple_make_affine,
    .points_make_affine = ossl_ec_GFp_simple_points_make_affine,
    .mul = Multiply,
    .field_mul = ossl_ec_GFp_nist_field_mul,
    .field_sqr = ossl_ec_GFp_nist_field_sqr,
    .field_inv = ossl_ec_GFp_simple_field_inv,
    .priv2oct = ossl_ec_key_simple_priv2oct,
    .oct2priv = ossl_ec_key_simple_oct2priv,
    .keygen = ossl_ec_key_simple_generate_key,
    .keycheck = ossl_ec_key_simple_check_key,
    .keygenpub = ossl_ec_key_simple_generate_public_key,
    .ecdh_compute_key = ossl_ecdh_simple_compute_key,
    .ecdsa_sign_setup = ossl_ecdsa_simple_sign_setup,
    .ecdsa_sign_sig = ossl_ecdsa_simple_sign_sig,
    .ecdsa_verify_sig = VerifySignature,
    .field_inverse_mod_ord = InvertModuloOrder,
};

}  // namespace

extern "C" {

const EC_METHOD* EC_GFp_nistp256_method() { return &kMethod; }

// Tables that ecp_nistp256.c would keep in a group. There never are any.
NISTP256_PRE_COMP* EC_nistp256_pre_comp_dup(NISTP256_PRE_COMP* table) { return table; }
void EC_nistp256_pre_comp_free(NISTP256_PRE_COMP* /*table*/) {}

}  // extern "C"
