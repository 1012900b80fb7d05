#include "test/engine/support/pki.h"

#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/random.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "src/library.h"
#include "test/engine/support/encoders.h"

namespace wasm_tls::test {

namespace {

void Check(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "test material: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

template <class T>
T* Checked(T* pointer, const char* what) {
  Check(pointer != nullptr, what);
  return pointer;
}

bool FillRandom(uint8_t* out, size_t size) { return getrandom(out, size, 0) == static_cast<ssize_t>(size); }

using BnCtxPtr = OpensslPtr<BN_CTX, BN_CTX_free>;

BIGNUM* Number() { return Checked(BN_new(), "BN_new"); }

// A prime `p` of which RSA with the exponent `e` can make something: p - 1 has no divisor in common with it.
BignumPtr RsaPrime(int bits, const BIGNUM* e, BN_CTX* context) {
  BignumPtr prime(Number());
  const BignumPtr rest(Number());
  do {
    Check(BN_generate_prime_ex(prime.get(), bits, 0, nullptr, nullptr, nullptr) == 1, "BN_generate_prime_ex");
    Check(BN_mod(rest.get(), prime.get(), e, context) == 1, "BN_mod");
  } while (BN_is_one(rest.get()) == 1);
  return prime;
}

// The engine cannot generate RSA keys: OpenSSL's way to them asks for one of its generators of random numbers.
// `type` is "RSA" or "RSA-PSS".
EVP_PKEY* GenerateRsa(const char* type, int bits) {
  const BnCtxPtr context(Checked(BN_CTX_new(), "BN_CTX_new"));
  const BignumPtr e(Number()), n(Number()), d(Number()), phi(Number()), d_p(Number()), d_q(Number()), inverse(Number());
  BN_set_word(e.get(), RSA_F4);
  const BignumPtr p = RsaPrime(bits / 2, e.get(), context.get());
  const BignumPtr q = RsaPrime(bits / 2, e.get(), context.get());
  BN_mul(n.get(), p.get(), q.get(), context.get());
  const BignumPtr p_less(BN_dup(p.get())), q_less(BN_dup(q.get()));
  BN_sub_word(p_less.get(), 1);
  BN_sub_word(q_less.get(), 1);
  BN_mul(phi.get(), p_less.get(), q_less.get(), context.get());
  Check(BN_mod_inverse(d.get(), e.get(), phi.get(), context.get()) != nullptr, "BN_mod_inverse");
  BN_mod(d_p.get(), d.get(), p_less.get(), context.get());
  BN_mod(d_q.get(), d.get(), q_less.get(), context.get());
  BN_mod_inverse(inverse.get(), q.get(), p.get(), context.get());

  OSSL_PARAM_BLD* builder = Checked(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new");
  const std::pair<const char*, const BignumPtr&> members[] = {
      {OSSL_PKEY_PARAM_RSA_N, n},           {OSSL_PKEY_PARAM_RSA_E, e},
      {OSSL_PKEY_PARAM_RSA_D, d},           {OSSL_PKEY_PARAM_RSA_FACTOR1, p},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, q},     {OSSL_PKEY_PARAM_RSA_EXPONENT1, d_p},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, d_q}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse},
  };
  for (const auto& [name, number] : members) OSSL_PARAM_BLD_push_BN(builder, name, number.get());
  OSSL_PARAM* parameters = Checked(OSSL_PARAM_BLD_to_param(builder), "OSSL_PARAM_BLD_to_param");
  const EvpPkeyCtxPtr maker(Checked(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), "EVP_PKEY_CTX_new_from_name"));
  EVP_PKEY* key = nullptr;
  Check(EVP_PKEY_fromdata_init(maker.get()) == 1 &&
            EVP_PKEY_fromdata(maker.get(), &key, EVP_PKEY_KEYPAIR, parameters) == 1,
        "EVP_PKEY_fromdata");
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  return key;
}

EVP_PKEY* GenerateKey(KeyType type) {
  switch (type) {
    case KeyType::kP256:
      return EVP_EC_gen("P-256");
    case KeyType::kP384:
      return EVP_EC_gen("P-384");
    case KeyType::kRsa1024:
      return GenerateRsa("RSA", 1024);
    case KeyType::kRsa2048:
      return GenerateRsa("RSA", 2048);
    case KeyType::kRsaPss2048:
      return GenerateRsa("RSA-PSS", 2048);
    case KeyType::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  return nullptr;
}

BioPtr NewMemory() { return BioPtr(Checked(BIO_new(BIO_s_mem()), "BIO_new")); }

template <class Container>
Container Contents(const BioPtr& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return Container(data, data + size);
}

SecretBytes EncodeKey(EVP_PKEY* key, const char* structure, std::optional<std::string_view> passphrase) {
  OSSL_ENCODER_CTX* encoder = Checked(OSSL_ENCODER_CTX_new_for_pkey(key, EVP_PKEY_KEYPAIR, "PEM", structure, nullptr),
                                      "OSSL_ENCODER_CTX_new_for_pkey");
  if (passphrase) {
    Check(OSSL_ENCODER_CTX_set_cipher(encoder, "AES-256-CBC", nullptr) == 1, "OSSL_ENCODER_CTX_set_cipher");
    Check(OSSL_ENCODER_CTX_set_passphrase(encoder, reinterpret_cast<const unsigned char*>(passphrase->data()),
                                          passphrase->size()) == 1,
          "OSSL_ENCODER_CTX_set_passphrase");
  }
  const BioPtr bio = NewMemory();
  Check(OSSL_ENCODER_to_bio(encoder, bio.get()) == 1, "OSSL_ENCODER_to_bio");
  OSSL_ENCODER_CTX_free(encoder);
  return Contents<SecretBytes>(bio);
}

std::string CommonName(const CertificateSpec& spec) {
  const size_t begin = spec.names.find("DNS:");
  if (begin == std::string::npos) return "localhost";
  return spec.names.substr(begin + 4, spec.names.find(',', begin) - begin - 4);
}

void SetSubject(X509* certificate, const CertificateSpec& spec) {
  X509_NAME* name = X509_get_subject_name(certificate);
  auto entries = spec.subject;
  if (entries.empty()) entries.emplace_back("CN", CommonName(spec));
  for (const auto& [key, value] : entries) {
    Check(X509_NAME_add_entry_by_txt(name, key.c_str(), MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1,
          "X509_NAME_add_entry_by_txt");
  }
}

void AddExtension(X509* certificate, X509* issuer, const char* name, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = Checked(X509V3_EXT_nconf(nullptr, &context, name, value.c_str()), name);
  Check(X509_add_ext(certificate, extension, -1) == 1, "X509_add_ext");
  X509_EXTENSION_free(extension);
}

void AddExtensions(X509* certificate, X509* issuer, const CertificateSpec& spec) {
  if (spec.ca) {
    AddExtension(certificate, issuer, "basicConstraints", "critical,CA:TRUE");
    AddExtension(certificate, issuer, "keyUsage", "critical,keyCertSign,cRLSign,digitalSignature");
  }
  AddExtension(certificate, issuer, "subjectKeyIdentifier", "hash");
  AddExtension(certificate, issuer, "authorityKeyIdentifier", "keyid");
  if (!spec.names.empty()) AddExtension(certificate, issuer, "subjectAltName", spec.names);
  for (const auto& [name, value] : spec.extensions) AddExtension(certificate, issuer, name.c_str(), value);
}

// Null: the algorithm is one with the key.
const EVP_MD* Digest(EVP_PKEY* key) { return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256(); }

// Everything but the signature. `issuer` null: by itself.
X509Ptr Prepare(const CertificateSpec& spec, EVP_PKEY* key, X509* issuer) {
  static long next_serial = 0x1000;
  X509Ptr certificate(Checked(X509_new(), "X509_new"));
  X509* x = certificate.get();
  Check(X509_set_version(x, X509_VERSION_3) == 1, "X509_set_version");
  Check(ASN1_INTEGER_set(X509_get_serialNumber(x), spec.serial != 0 ? spec.serial : ++next_serial) == 1, "serial");
  X509_gmtime_adj(X509_getm_notBefore(x), spec.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(x), spec.valid_to);
  SetSubject(x, spec);
  X509* above = issuer == nullptr ? x : issuer;
  Check(X509_set_issuer_name(x, X509_get_subject_name(above)) == 1, "X509_set_issuer_name");
  Check(X509_set_pubkey(x, key) == 1, "X509_set_pubkey");
  AddExtensions(x, above, spec);
  return certificate;
}

}  // namespace

void EnsureLibrary() {
  static const bool done = InitLibrary({.fill_random = FillRandom}).has_value() && Encoders::Load();
  Check(done, "InitLibrary");
}

const char* KeyTypeName(KeyType type) {
  switch (type) {
    case KeyType::kP256:
      return "P256";
    case KeyType::kP384:
      return "P384";
    case KeyType::kRsa1024:
      return "Rsa1024";
    case KeyType::kRsa2048:
      return "Rsa2048";
    case KeyType::kRsaPss2048:
      return "RsaPss2048";
    case KeyType::kEd25519:
      return "Ed25519";
  }
  return "?";
}

EVP_PKEY* Key(KeyType type, int number) {
  EnsureLibrary();
  static std::map<std::pair<KeyType, int>, EvpPkeyPtr> keys;
  EvpPkeyPtr& key = keys[{type, number}];
  if (key == nullptr) key.reset(Checked(GenerateKey(type), "key generation"));
  return key.get();
}

SecretBytes KeyPem(EVP_PKEY* key) { return EncodeKey(key, "PrivateKeyInfo", std::nullopt); }

SecretBytes EncryptedKeyPem(EVP_PKEY* key, std::string_view passphrase) {
  return EncodeKey(key, "EncryptedPrivateKeyInfo", passphrase);
}

SecretBytes TraditionalKeyPem(EVP_PKEY* key, std::optional<std::string_view> passphrase) {
  return EncodeKey(key, "type-specific", passphrase);
}

Bytes Identity::Pem() const {
  const BioPtr bio = NewMemory();
  Check(PEM_write_bio_X509(bio.get(), certificate_.get()) == 1, "PEM_write_bio_X509");
  return Contents<Bytes>(bio);
}

Bytes Identity::ChainPem() const {
  Bytes pem = Pem();
  for (const X509Ptr& issuer : issuers_) {
    if (X509_self_signed(issuer.get(), 0) == 1) continue;
    const BioPtr bio = NewMemory();
    Check(PEM_write_bio_X509(bio.get(), issuer.get()) == 1, "PEM_write_bio_X509");
    const Bytes more = Contents<Bytes>(bio);
    pem.insert(pem.end(), more.begin(), more.end());
  }
  return pem;
}

Bytes Identity::Der() const {
  const BioPtr bio = NewMemory();
  Check(i2d_X509_bio(bio.get(), certificate_.get()) == 1, "i2d_X509_bio");
  return Contents<Bytes>(bio);
}

Identity Identity::Issue(const CertificateSpec& spec) const {
  Identity issued;
  issued.key_ = test::Key(spec.key, spec.key_number);
  issued.certificate_ = Prepare(spec, issued.key_, certificate_.get());
  Check(X509_sign(issued.certificate_.get(), key_, Digest(key_)) > 0, "X509_sign");
  issued.issuers_.push_back(UpRef(certificate_.get()));
  for (const X509Ptr& issuer : issuers_) issued.issuers_.push_back(UpRef(issuer.get()));
  return issued;
}

Bytes Identity::CrlPem(const std::vector<const Identity*>& revoked, long valid_from, long valid_to) const {
  const X509CrlPtr crl(Checked(X509_CRL_new(), "X509_CRL_new"));
  Check(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1, "X509_CRL_set_version");
  Check(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate_.get())) == 1, "issuer name");
  ASN1_TIME* time = Checked(ASN1_TIME_new(), "ASN1_TIME_new");
  X509_gmtime_adj(time, valid_to);
  Check(X509_CRL_set1_nextUpdate(crl.get(), time) == 1, "X509_CRL_set1_nextUpdate");
  X509_gmtime_adj(time, valid_from);
  Check(X509_CRL_set1_lastUpdate(crl.get(), time) == 1, "X509_CRL_set1_lastUpdate");
  for (const Identity* identity : revoked) {
    X509_REVOKED* entry = Checked(X509_REVOKED_new(), "X509_REVOKED_new");
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(identity->certificate()));
    X509_REVOKED_set_revocationDate(entry, time);
    Check(X509_CRL_add0_revoked(crl.get(), entry) == 1, "X509_CRL_add0_revoked");
  }
  ASN1_TIME_free(time);
  Check(X509_CRL_sign(crl.get(), key_, Digest(key_)) > 0, "X509_CRL_sign");
  const BioPtr bio = NewMemory();
  Check(PEM_write_bio_X509_CRL(bio.get(), crl.get()) == 1, "PEM_write_bio_X509_CRL");
  return Contents<Bytes>(bio);
}

Identity MakeSelfSigned(const CertificateSpec& spec) {
  Identity made;
  made.key_ = Key(spec.key, spec.key_number);
  made.certificate_ = Prepare(spec, made.key_, nullptr);
  Check(X509_sign(made.certificate_.get(), made.key_, Digest(made.key_)) > 0, "X509_sign");
  return made;
}

Identity MakeCa(std::string_view common_name, KeyType key, int key_number) {
  return MakeSelfSigned(
      {.key = key, .key_number = key_number, .subject = {{"CN", std::string(common_name)}}, .ca = true});
}

SecretBytes MakePfx(const Identity& identity, const PfxSpec& spec) {
  const std::string passphrase(spec.passphrase);
  const X509StackViewPtr extra(Checked(sk_X509_new_null(), "sk_X509_new_null"));
  for (const Identity* more : spec.extra) sk_X509_push(extra.get(), more->certificate());
  constexpr int kIterations = 1000;
  constexpr int kNone = -1;
  constexpr int kDefault = 0;
  const int cipher = spec.encrypted ? kDefault : kNone;
  const Pkcs12Ptr pfx(
      Checked(PKCS12_create(passphrase.c_str(), nullptr, spec.key ? identity.key() : nullptr,
                            spec.certificate ? identity.certificate() : nullptr, extra.get(),
                            spec.legacy ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : cipher,
                            spec.legacy ? NID_pbe_WithSHA1And40BitRC2_CBC : cipher, kIterations, /*mac_iter=*/kNone, 0),
              "PKCS12_create"));
  if (spec.mac) {
    Check(PKCS12_set_mac(pfx.get(), passphrase.c_str(), -1, nullptr, 0, kIterations,
                         spec.legacy ? EVP_sha1() : EVP_sha256()) == 1,
          "PKCS12_set_mac");
  }
  const BioPtr bio = NewMemory();
  Check(i2d_PKCS12_bio(bio.get(), pfx.get()) == 1, "i2d_PKCS12_bio");
  return Contents<SecretBytes>(bio);
}

Bytes DhParametersPem(std::string_view group) {
  EnsureLibrary();
  const EvpPkeyCtxPtr context(
      Checked(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr), "EVP_PKEY_CTX_new_from_name"));
  Check(EVP_PKEY_paramgen_init(context.get()) == 1, "EVP_PKEY_paramgen_init");
  Check(EVP_PKEY_CTX_set_group_name(context.get(), std::string(group).c_str()) == 1, "EVP_PKEY_CTX_set_group_name");
  EVP_PKEY* parameters = nullptr;
  Check(EVP_PKEY_paramgen(context.get(), &parameters) == 1, "EVP_PKEY_paramgen");
  const EvpPkeyPtr owner(parameters);
  const BioPtr bio = NewMemory();
  Check(PEM_write_bio_Parameters(bio.get(), parameters) == 1, "PEM_write_bio_Parameters");
  return Contents<Bytes>(bio);
}

// The engine is built without OpenSSL's generation of parameters.
Bytes GeneratedDhParametersPem(int bits) {
  EnsureLibrary();
  static std::map<int, Bytes> cache;
  Bytes& pem = cache[bits];
  if (pem.empty()) {
    const OpensslPtr<DH, DH_free> dh(Checked(DH_new(), "DH_new"));
    BignumPtr p(BN_new());
    BignumPtr g(BN_new());
    Check(BN_generate_prime_ex(p.get(), bits, 1, nullptr, nullptr, nullptr) == 1, "BN_generate_prime_ex");
    Check(BN_set_word(g.get(), DH_GENERATOR_2) == 1, "BN_set_word");
    Check(DH_set0_pqg(dh.get(), p.release(), nullptr, g.release()) == 1, "DH_set0_pqg");
    const BioPtr bio = NewMemory();
    Check(PEM_write_bio_DHparams(bio.get(), dh.get()) == 1, "PEM_write_bio_DHparams");
    pem = Contents<Bytes>(bio);
  }
  return pem;
}

}  // namespace wasm_tls::test
