// Writes what the fuzzers of key material start from, into a folder for each below WASM_TLS_CORPUS. Nothing is tested
// here but that there is something to write.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "test/engine/support/pki.h"

namespace wasm_tls {
namespace {

using test::Identity;
using test::KeyType;
using test::MakeCa;
using test::MakePfx;

class Corpus : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("WASM_TLS_CORPUS");
    if (folder == nullptr) GTEST_SKIP() << "WASM_TLS_CORPUS is not set";
    folder_ = folder;
  }

  void Write(const std::string& fuzzer, const std::string& name, BytesView bytes) {
    ASSERT_FALSE(bytes.empty()) << name;
    std::filesystem::create_directories(folder_ / fuzzer);
    std::ofstream file(folder_ / fuzzer / name, std::ios::binary);
    file << AsText(bytes);
    ASSERT_TRUE(file.good()) << name;
  }

  std::filesystem::path folder_;
};

TEST_F(Corpus, Pem) {
  const Identity root = MakeCa("Root");
  const Identity leaf = root.Issue(
      {.subject = {{"C", "UK"}, {"CN", "localhost"}},
       .names = "DNS:localhost,IP:::1,URI:http://x/,email:a@b.c,RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:u@x",
       .extensions = {{"authorityInfoAccess", "OCSP;URI:http://ocsp/,caIssuers;URI:http://ca/"},
                      {"extendedKeyUsage", "serverAuth,clientAuth"}}});
  const Identity intermediate = root.Issue({.key_number = 1, .subject = {{"CN", "Intermediate"}}, .ca = true});
  Write("pem", "leaf.pem", leaf.Pem());
  Write("pem", "leaf.der", leaf.Der());
  Write("pem", "root.pem", root.Pem());
  Write("pem", "chain.pem", intermediate.Issue({.key = KeyType::kEd25519}).ChainPem());
  Write("pem", "rsa.pem", root.Issue({.key = KeyType::kRsa1024}).Pem());
  Write("pem", "crl.pem", root.CrlPem({&leaf}));
  Write("pem", "dh.pem", test::DhParametersPem("ffdhe2048"));
  for (const KeyType type : {KeyType::kP256, KeyType::kRsa1024, KeyType::kEd25519}) {
    const std::string name = test::KeyTypeName(type);
    Write("pem", name + ".key", test::KeyPem(test::Key(type)));
    Write("pem", name + ".encrypted.key", test::EncryptedKeyPem(test::Key(type), "secret"));
  }
  Write("pem", "traditional.key", test::TraditionalKeyPem(test::Key(KeyType::kP256), "secret"));
}

TEST_F(Corpus, Pfx) {
  const Identity root = MakeCa("Root");
  const Identity leaf = root.Issue({.names = "DNS:localhost"});
  Write("pfx", "modern.pfx", MakePfx(leaf, {.passphrase = "secret", .extra = {&root}}));
  Write("pfx", "legacy.pfx", MakePfx(leaf, {.passphrase = "secret", .extra = {&root}, .legacy = true}));
  Write("pfx", "empty.pfx", MakePfx(leaf, {.passphrase = ""}));
  Write("pfx", "no-mac.pfx", MakePfx(leaf, {.passphrase = "", .mac = false}));
  Write("pfx", "open.pfx", MakePfx(leaf, {.passphrase = "", .extra = {&root}, .mac = false, .encrypted = false}));
  Write("pfx", "no-key.pfx", MakePfx(leaf, {.passphrase = "secret", .key = false}));
}

}  // namespace
}  // namespace wasm_tls
