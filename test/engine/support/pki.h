// A public key infrastructure in memory: keys, certificates, revocation lists and PKCS#12 files for tests.
//
//   const Identity ca = MakeCa("Test CA");
//   const Identity server = ca.Issue({.names = "DNS:localhost"});
//   options.cert = {server.ChainPem()};
//   options.key = {{.pem = server.KeyPem(), .passphrase = {}}};
//
// Everything here ends the test program when OpenSSL refuses something: a test's own material is never wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/bytes.h"
#include "src/openssl_ptr.h"

namespace wasm_tls::test {

// `InitLibrary()` with the system's random numbers; every other function here calls it.
void EnsureLibrary();

enum class KeyType { kP256, kP384, kRsa2048, kRsaPss2048, kRsa1024, kEd25519 };

const char* KeyTypeName(KeyType type);

// A key of this type, borrowed for the rest of the program. Different `number`s are different keys, the same one is the
// same key: making RSA keys is slow.
EVP_PKEY* Key(KeyType type, int number = 0);

SecretBytes KeyPem(EVP_PKEY* key);                                        // PKCS#8
SecretBytes EncryptedKeyPem(EVP_PKEY* key, std::string_view passphrase);  // PKCS#8, PBES2, AES-256-CBC
SecretBytes TraditionalKeyPem(EVP_PKEY* key, std::optional<std::string_view> passphrase = {});  // 'RSA PRIVATE KEY', …

// A certificate to be made.
struct CertificateSpec {
  KeyType key = KeyType::kP256;
  int key_number = 0;
  // In order; a key may occur several times. By default the common name is that of the first DNS name.
  std::vector<std::pair<std::string, std::string>> subject = {};
  std::string names = {};  // subjectAltName in OpenSSL's configuration syntax: 'DNS:localhost,IP:127.0.0.1'
  bool ca = false;
  // Further extensions in the same syntax: {"extendedKeyUsage", "serverAuth"}.
  std::vector<std::pair<std::string, std::string>> extensions = {};
  long valid_from = -86'400;  // seconds from now
  long valid_to = 10L * 365 * 86'400;
  long serial = 0;  // 0: the next number
};

// A certificate, its key, and the certificates above it.
class Identity {
 public:
  Identity(Identity&&) = default;
  Identity& operator=(Identity&&) = default;

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_; }

  Bytes Pem() const;       // the certificate alone
  Bytes ChainPem() const;  // followed by its issuers, without the self-signed one
  Bytes Der() const;
  SecretBytes KeyPem() const { return test::KeyPem(key_); }

  // A certificate signed by this one.
  Identity Issue(const CertificateSpec& spec) const;

  // A revocation list of this issuer, PEM. It is valid from `valid_from` to `valid_to`, in seconds from now.
  Bytes CrlPem(const std::vector<const Identity*>& revoked, long valid_from = -3'600, long valid_to = 86'400) const;

 private:
  friend Identity MakeSelfSigned(const CertificateSpec& spec);

  Identity() = default;
  Identity Copy() const;

  X509Ptr certificate_;
  EVP_PKEY* key_ = nullptr;
  std::vector<X509Ptr> issuers_;  // nearest first
};

Identity MakeSelfSigned(const CertificateSpec& spec);

// A self-signed CA. CAs with the same key type and number share a key.
Identity MakeCa(std::string_view common_name, KeyType key = KeyType::kP256, int key_number = 0);

// A PKCS#12 file to be made.
struct PfxSpec {
  std::string_view passphrase = {};
  bool key = true;
  bool certificate = true;
  std::vector<const Identity*> extra = {};  // further certificates
  bool legacy = false;                      // RC2-40 for certificates, 3DES for the key, SHA-1 MAC: what Windows wrote
  bool mac = true;
  bool encrypted = true;  // false: anyone can read, and fuzz, what is inside
};

SecretBytes MakePfx(const Identity& identity, const PfxSpec& spec);

// PEM parameters of a group: 'ffdhe2048', 'modp_1536', …
Bytes DhParametersPem(std::string_view group);
// PEM parameters with a modulus of this many bits, generated and cached.
Bytes GeneratedDhParametersPem(int bits);

}  // namespace wasm_tls::test
