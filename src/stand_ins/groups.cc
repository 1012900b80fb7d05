// For crypto/ffc/ffc_dh.c and crypto/bn/bn_dh.c: the groups of Diffie-Hellman that have names. OpenSSL has their
// numbers as tables, 14 KB that nothing compresses; here they are computed, as their standards define them, when one is
// asked for. And for crypto/ffc/ffc_params_validate.c, which brings along the generation of parameters.
#include <openssl/dh.h>
#include <openssl/dherr.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "src/openssl_ptr.h"

extern "C" {
#include <internal/ffc.h>
#include <local/bn_local.h>
}

namespace {

// --- Constants of mathematics, in fixed point: the last limb is what is before the point. As long as a prime, they end
// 98 bits after what the prime takes of them, in which errors of rounding add up.

constexpr size_t kMostLimbs = 8192 / 32;
using Number = std::span<uint32_t>;
using Limbs = std::array<uint32_t, kMostLimbs>;

bool IsZero(Number number) {
  return std::ranges::all_of(number, [](uint32_t limb) { return limb == 0; });
}

void Divide(Number number, uint32_t by) {
  uint64_t rest = 0;
  for (size_t i = number.size(); i-- > 0;) {
    rest = rest << 32 | number[i];
    if (rest == 0) continue;
    number[i] = static_cast<uint32_t>(rest / by);
    rest %= by;
  }
}

void Add(Number sum, Number number, bool subtract) {
  // Less is more of the complement.
  uint64_t carry = subtract ? 1 : 0;
  for (size_t i = 0; i < sum.size(); ++i) {
    carry += uint64_t{sum[i]} + (subtract ? ~number[i] : number[i]);
    sum[i] = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
}

// The sum of the inverses of all factorials.
void AddE(Number sum) {
  Limbs limbs = {};
  const Number term = Number(limbs).first(sum.size());
  term.back() = 1;
  for (uint32_t n = 1; !IsZero(term); ++n) {
    Add(sum, term, false);
    Divide(term, n);
  }
}

// `times` the angle with the tangent 1 / x.
void AddAngle(Number sum, uint32_t times, uint32_t x, bool subtract) {
  Limbs limbs = {};
  const Number power = Number(limbs).first(sum.size());
  power.back() = times;
  Divide(power, x);
  for (uint32_t n = 1; !IsZero(power); n += 2) {
    Limbs copy = limbs;
    const Number term = Number(copy).first(sum.size());
    Divide(term, n);
    Add(sum, term, subtract);
    subtract = !subtract;
    Divide(power, x * x);
  }
}

// Machin's formula.
void AddPi(Number sum) {
  AddAngle(sum, 16, 5, false);
  AddAngle(sum, 4, 239, true);
}

// --- RFC 7919, appendix A: p = 2^b - 2^(b - 64) + (floor(2^(b - 130) e) + x) 2^64 - 1. RFC 2409 and RFC 3526 have the
// same with pi. In each the generator is 2 and (p - 1) / 2 a prime.

void MakePrime(Number p, uint32_t x, void (*add_constant)(Number)) {
  Limbs limbs = {};
  const Number constant = Number(limbs).first(p.size());
  add_constant(constant);
  std::ranges::fill(p, ~uint32_t{0});
  // One of it was lent to the lowest limbs.
  uint64_t carry = x - 1;
  for (size_t i = 2; i < p.size() - 2; ++i) {
    carry += constant[i + 1] >> 2 | constant[i + 2] << 30;
    p[i] = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
}

BIGNUM Static(BN_ULONG* words, size_t size) {
  const auto top = static_cast<int>(size);
  return {.d = words, .top = top, .dmax = top, .neg = 0, .flags = BN_FLG_STATIC_DATA};
}

}  // namespace

struct dh_named_group_st {
  const char* name;
  int uid;
  uint16_t bits;
  // Of a private key: RFC 7919, section 5.2, and as much for the groups of the same size.
  uint16_t key_bits;
  uint32_t x;
  void (*add_constant)(Number);
  // Null until somebody wants the numbers.
  BIGNUM p, q;
};

namespace {

DH_NAMED_GROUP g_groups[] = {
    {SN_ffdhe2048, NID_ffdhe2048, 2048, 225, 560316, AddE, {}, {}},
    {SN_ffdhe3072, NID_ffdhe3072, 3072, 275, 2625351, AddE, {}, {}},
    {SN_ffdhe4096, NID_ffdhe4096, 4096, 325, 5736041, AddE, {}, {}},
    {SN_ffdhe6144, NID_ffdhe6144, 6144, 375, 15705020, AddE, {}, {}},
    {SN_ffdhe8192, NID_ffdhe8192, 8192, 400, 10965728, AddE, {}, {}},
    {SN_modp_1536, NID_modp_1536, 1536, 200, 741804, AddPi, {}, {}},
    {SN_modp_2048, NID_modp_2048, 2048, 225, 124476, AddPi, {}, {}},
    {SN_modp_3072, NID_modp_3072, 3072, 275, 1690314, AddPi, {}, {}},
    {SN_modp_4096, NID_modp_4096, 4096, 325, 240904, AddPi, {}, {}},
    {SN_modp_6144, NID_modp_6144, 6144, 375, 929484, AddPi, {}, {}},
    {SN_modp_8192, NID_modp_8192, 8192, 400, 4743158, AddPi, {}, {}},
};

const BIGNUM* Two() {
  static BN_ULONG word = 2;
  static const BIGNUM two = Static(&word, 1);
  return &two;
}

// With its numbers, which stay; null when there is no memory for them.
const DH_NAMED_GROUP* Complete(DH_NAMED_GROUP& group) {
  if (group.p.d != nullptr) return &group;
  const size_t size = group.bits / BN_BITS2;
  auto* const words = static_cast<BN_ULONG*>(OPENSSL_zalloc(2 * size * sizeof(BN_ULONG)));
  if (words == nullptr) return nullptr;
  MakePrime({reinterpret_cast<uint32_t*>(words), group.bits / 32U}, group.x, group.add_constant);
  for (size_t i = 0; i < size; ++i)
    words[size + i] = words[i] >> 1 | (i + 1 < size ? words[i + 1] << (BN_BITS2 - 1) : 0);
  group.q = Static(words + size, size);
  group.p = Static(words, size);
  return &group;
}

template <class Predicate>
const DH_NAMED_GROUP* Find(const Predicate& predicate) {
  const auto found = std::ranges::find_if(g_groups, predicate);
  return found != std::end(g_groups) ? Complete(*found) : nullptr;
}

BIGNUM* CopyOf(BIGNUM* to, int uid) {
  const DH_NAMED_GROUP* const group = ossl_ffc_uid_to_dh_named_group(uid);
  if (group == nullptr) return nullptr;
  return to != nullptr ? BN_copy(to, &group->p) : BN_dup(&group->p);
}

}  // namespace

extern "C" {

const DH_NAMED_GROUP* ossl_ffc_name_to_dh_named_group(const char* name) {
  return Find([&](const DH_NAMED_GROUP& group) { return OPENSSL_strcasecmp(group.name, name) == 0; });
}

const DH_NAMED_GROUP* ossl_ffc_uid_to_dh_named_group(int uid) {
  return Find([&](const DH_NAMED_GROUP& group) { return group.uid == uid; });
}

const DH_NAMED_GROUP* ossl_ffc_numbers_to_dh_named_group(const BIGNUM* p, const BIGNUM* q, const BIGNUM* g) {
  if (BN_cmp(g, Two()) != 0) return nullptr;
  return Find([&](DH_NAMED_GROUP& group) {
    return BN_num_bits(p) == group.bits && Complete(group) != nullptr && BN_cmp(p, &group.p) == 0 &&
           (q == nullptr || BN_cmp(q, &group.q) == 0);
  });
}

int ossl_ffc_named_group_get_uid(const DH_NAMED_GROUP* group) { return group != nullptr ? group->uid : NID_undef; }
const char* ossl_ffc_named_group_get_name(const DH_NAMED_GROUP* group) {
  return group != nullptr ? group->name : nullptr;
}
int ossl_ffc_named_group_get_keylength(const DH_NAMED_GROUP* group) { return group != nullptr ? group->key_bits : 0; }
const BIGNUM* ossl_ffc_named_group_get_q(const DH_NAMED_GROUP* group) { return group != nullptr ? &group->q : nullptr; }

int ossl_ffc_named_group_set(FFC_PARAMS* parameters, const DH_NAMED_GROUP* group) {
  if (parameters == nullptr || group == nullptr) return 0;
  ossl_ffc_params_set0_pqg(parameters, const_cast<BIGNUM*>(&group->p), const_cast<BIGNUM*>(&group->q),
                           const_cast<BIGNUM*>(Two()));
  parameters->keylength = group->key_bits;
  parameters->nid = NID_undef;
  return 1;
}

// For crypto/bn/bn_const.c: the primes by which `dhparam: 'auto'` goes.
BIGNUM* BN_get_rfc3526_prime_2048(BIGNUM* to) { return CopyOf(to, NID_modp_2048); }
BIGNUM* BN_get_rfc3526_prime_3072(BIGNUM* to) { return CopyOf(to, NID_modp_3072); }
BIGNUM* BN_get_rfc3526_prime_4096(BIGNUM* to) { return CopyOf(to, NID_modp_4096); }
BIGNUM* BN_get_rfc3526_prime_8192(BIGNUM* to) { return CopyOf(to, NID_modp_8192); }
BIGNUM* BN_get_rfc2409_prime_1024(BIGNUM* to) {
  uint32_t limbs[1024 / 32] = {};
  MakePrime(limbs, 129093, AddPi);
  return BN_lebin2bn(reinterpret_cast<const uint8_t*>(limbs), sizeof(limbs), to);
}

int ossl_ffc_params_simple_validate(OSSL_LIB_CTX* library, const FFC_PARAMS* parameters, int /*type*/,
                                    int* /*reasons*/) {
  const BIGNUM* const p = parameters->p;
  const BIGNUM* const q = parameters->q;
  const BIGNUM* const g = parameters->g;
  if (p == nullptr || q == nullptr || g == nullptr) return 0;
  const int p_bits = BN_num_bits(p);
  const int q_bits = BN_num_bits(q);
  // FIPS 186-2, as `openssl dhparam -dsaparam` goes by; otherwise SP 800-56A, section 5.5.1, and the size before it.
  const bool sizes = (parameters->flags & FFC_PARAM_FLAG_VALIDATE_LEGACY) != 0
                         ? p_bits >= 512 && (q_bits == 160 || q_bits == 224 || q_bits == 256)
                     : p_bits == 2048 ? q_bits == 224 || q_bits == 256
                                      : p_bits == 1024 && q_bits == 160;
  if (!sizes) {
    ERR_raise(ERR_LIB_DH, DH_R_BAD_FFC_PARAMETERS);
    return 0;
  }
  // FIPS 186-4, section A.2.2.
  const wasm_tls::OpensslPtr<BN_CTX, BN_CTX_free> context(BN_CTX_new_ex(library));
  const wasm_tls::BignumPtr power(BN_new());
  if (context == nullptr || power == nullptr) return 0;
  if (BN_cmp(g, BN_value_one()) <= 0 || BN_cmp(g, p) >= 0 ||
      BN_mod_exp_mont(power.get(), g, q, p, context.get(), nullptr) != 1 || BN_is_one(power.get()) != 1) {
    ERR_raise(ERR_LIB_DH, DH_R_NOT_SUITABLE_GENERATOR);
    return 0;
  }
  return 1;
}

}  // extern "C"
