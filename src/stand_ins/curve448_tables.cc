// For crypto/ec/curve448/curve448_tables.c: multiples of the base point of X448 and Ed448. They are 21 KB that nothing
// compresses, for algorithms that most pages never meet; here they are computed at their first use, which the linker
// leads through this file (--wrap).
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace {

// A number modulo 2^448 - 2^224 - 1, in limbs of 56 bits.
struct alignas(16) Element {
  uint8_t limbs[64];
};

// A point of the twisted Edwards curve, in extended coordinates: (X : Y : Z : T) with XY = ZT.
struct Point {
  Element x, y, z, t;
};

// A point that will be added to others: y - x, y + x and 2dxy, for Z = 1.
struct Niels {
  Element difference, sum, product;
};

// -2d.
constexpr uint32_t kMinusTwiceD = 78164;

// The signed comb of constant-time multiplication: five times five bits of the scalar, each 18 from the one before.
constexpr size_t kCombs = 5;
constexpr size_t kTeeth = 5;
constexpr size_t kSpacing = 18;
constexpr size_t kCombSize = 1 << (kTeeth - 1);

// Odd multiples, which the verification of a signature adds.
constexpr size_t kOddMultiples = 32;

constinit Niels g_combs[kCombs * kCombSize] = {};
constinit Niels g_odd_multiples[kOddMultiples] = {};

// RFC 8032, section 5.2: B, as a public key.
constexpr uint8_t kBasePoint[57] = {
    0x14, 0xfa, 0x30, 0xf2, 0x5b, 0x79, 0x08, 0x98, 0xad, 0xc8, 0xd7, 0x4e, 0x2c, 0x13, 0xbd, 0xfd, 0xc4, 0x39, 0x7c,
    0xe6, 0x1c, 0xff, 0xd3, 0x3a, 0xd7, 0xc2, 0xa0, 0x05, 0x1e, 0x9c, 0x78, 0x87, 0x40, 0x98, 0xa3, 0x6c, 0x73, 0x73,
    0xea, 0x4b, 0x62, 0xc7, 0xc9, 0x56, 0x37, 0x20, 0x76, 0x88, 0x24, 0xbc, 0xb6, 0x6e, 0x71, 0x46, 0x3f, 0x69, 0x00};

}  // namespace

extern "C" {

void gf_add(Element* out, const Element* a, const Element* b);
void gf_sub(Element* out, const Element* a, const Element* b);
// `out` of these is none of the others.
void ossl_gf_mul(Element* out, const Element* a, const Element* b);
void ossl_gf_mulw_unsigned(Element* out, const Element* a, uint32_t b);
void ossl_gf_sqr(Element* out, const Element* a);
uint64_t gf_isr(Element* out, const Element* a);
void gf_strong_reduce(Element* a);

void ossl_curve448_point_double(Point* out, const Point* a);
int ossl_curve448_point_decode_like_eddsa_and_mul_by_ratio(Point* out, const uint8_t* encoded);

// What curve448.c and eddsa.c know of the tables.
extern const Niels *ossl_curve448_precomputed_base, *ossl_curve448_wnaf_base;
constinit const Niels* ossl_curve448_precomputed_base = g_combs;
constinit const Niels* ossl_curve448_wnaf_base = g_odd_multiples;

}  // extern "C"

namespace {

// Hisil et al., "Twisted Edwards Curves Revisited", section 3.1.
void Add(Point* p, const Point& q) {
  Element a, b, c, d, e, f;
  gf_sub(&e, &p->y, &p->x);
  gf_sub(&f, &q.y, &q.x);
  ossl_gf_mul(&a, &e, &f);
  gf_add(&e, &p->y, &p->x);
  gf_add(&f, &q.y, &q.x);
  ossl_gf_mul(&b, &e, &f);
  ossl_gf_mul(&e, &p->t, &q.t);
  ossl_gf_mulw_unsigned(&c, &e, kMinusTwiceD);  // -C
  ossl_gf_mul(&e, &p->z, &q.z);
  gf_add(&d, &e, &e);
  gf_sub(&e, &b, &a);
  gf_add(&f, &d, &c);
  gf_sub(&d, &d, &c);  // G
  gf_add(&b, &b, &a);  // H
  ossl_gf_mul(&p->x, &e, &f);
  ossl_gf_mul(&p->y, &d, &b);
  ossl_gf_mul(&p->z, &f, &d);
  ossl_gf_mul(&p->t, &e, &b);
}

void Negate(Point* p) {
  constexpr Element kZero = {};
  gf_sub(&p->x, &kZero, &p->x);
  gf_sub(&p->t, &kZero, &p->t);
}

void Store(Niels* out, const Point& p) {
  // 1 / 2Z, of the square's inverse root.
  Element twice, square, inverse;
  gf_add(&twice, &p.z, &p.z);
  ossl_gf_sqr(&square, &twice);
  gf_isr(&inverse, &square);
  ossl_gf_sqr(&square, &inverse);
  ossl_gf_mul(&inverse, &square, &twice);

  Element value;
  gf_sub(&value, &p.y, &p.x);
  ossl_gf_mul(&out->difference, &value, &inverse);
  gf_add(&value, &p.y, &p.x);
  ossl_gf_mul(&out->sum, &value, &inverse);
  ossl_gf_mul(&value, &p.t, &inverse);
  constexpr Element kZero = {};
  ossl_gf_mulw_unsigned(&square, &value, kMinusTwiceD);
  gf_sub(&out->product, &kZero, &square);
  for (Element* element : {&out->difference, &out->sum, &out->product}) gf_strong_reduce(element);
}

// Tooth k of a comb is `power` times 2^(18k), added where bit k of an entry's index is set and subtracted where it is
// not; the last one is always added. Leaves in `power` the first tooth of the next comb.
void FillComb(Niels* comb, Point* power) {
  Point entries[kCombSize];
  Point& all = entries[kCombSize - 1];
  Point minus_twice[kTeeth];
  for (size_t k = 0; k < kTeeth; ++k) {
    if (k == 0) {
      all = *power;
    } else {
      Add(&all, *power);
    }
    for (size_t i = 0; i < kSpacing; ++i) {
      ossl_curve448_point_double(power, power);
      if (i == 0) minus_twice[k] = *power;
    }
    Negate(&minus_twice[k]);
  }
  for (size_t index = kCombSize - 1; index-- > 0;) {
    const auto bit = static_cast<size_t>(__builtin_ctz(~static_cast<unsigned int>(index)));
    entries[index] = entries[index | size_t{1} << bit];
    Add(&entries[index], minus_twice[bit]);
  }
  for (size_t index = 0; index < kCombSize; ++index) Store(&comb[index], entries[index]);
}

// An instance is one thread.
void FillTables() {
  static bool filled = false;
  if (filled) return;
  filled = true;
  Point point;
  ossl_curve448_point_decode_like_eddsa_and_mul_by_ratio(&point, kBasePoint);
  Point twice;
  ossl_curve448_point_double(&twice, &point);
  Point odd = point;
  for (Niels& multiple : g_odd_multiples) {
    Store(&multiple, odd);
    Add(&odd, twice);
  }
  for (size_t comb = 0; comb < kCombs; ++comb) FillComb(&g_combs[comb * kCombSize], &point);
}

}  // namespace

// The names that the linker gives.
#define WASM_TLS_REAL(name) __asm__("__real_" name)
#define WASM_TLS_WRAPPED(name) __asm__("__wrap_" name)

extern "C" {

void MultiplyBase(Point* out, const Niels* table, const void* scalar)
    WASM_TLS_REAL("ossl_curve448_precomputed_scalarmul");
void MultiplyBaseWithTables(Point* out, const Niels* table, const void* scalar)
    WASM_TLS_WRAPPED("ossl_curve448_precomputed_scalarmul");
void MultiplyTwo(Point* out, const void* scalar, const Point* other, const void* others_scalar)
    WASM_TLS_REAL("ossl_curve448_base_double_scalarmul_non_secret");
void MultiplyTwoWithTables(Point* out, const void* scalar, const Point* other, const void* others_scalar)
    WASM_TLS_WRAPPED("ossl_curve448_base_double_scalarmul_non_secret");
void PublicOf(uint8_t* out, const uint8_t* private_key) WASM_TLS_REAL("ossl_x448_public_from_private");
void PublicOfWithTables(uint8_t* out, const uint8_t* private_key) WASM_TLS_WRAPPED("ossl_x448_public_from_private");

void MultiplyBaseWithTables(Point* out, const Niels* table, const void* scalar) {
  FillTables();
  MultiplyBase(out, table, scalar);
}

void MultiplyTwoWithTables(Point* out, const void* scalar, const Point* other, const void* others_scalar) {
  FillTables();
  MultiplyTwo(out, scalar, other, others_scalar);
}

void PublicOfWithTables(uint8_t* out, const uint8_t* private_key) {
  FillTables();
  PublicOf(out, private_key);
}

}  // extern "C"
