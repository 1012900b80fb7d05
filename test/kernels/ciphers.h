// Ciphers of our provider beside those of OpenSSL's own, which has a library context to itself.
#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/bytes.h"
#include "src/openssl_ptr.h"

// OpenSSL's default provider: nothing but tests links it.
extern "C" OSSL_provider_init_fn ossl_default_provider_init;

namespace wasm_tls::test {

// InitLibrary() comes first. They live as long as the program.
inline const EVP_CIPHER* OurCipher(const std::string& name) {
  static std::map<std::string, EVP_CIPHER*> ciphers;
  EVP_CIPHER*& cipher = ciphers[name];
  if (cipher == nullptr) cipher = EVP_CIPHER_fetch(nullptr, name.c_str(), "provider=wasm-tls");
  if (cipher == nullptr) std::abort();
  return cipher;
}

inline const EVP_CIPHER* OpensslCipher(const std::string& name) {
  static OSSL_LIB_CTX* const library = OSSL_LIB_CTX_new();
  static const bool added = OSSL_PROVIDER_add_builtin(library, "openssl", ossl_default_provider_init) == 1 &&
                            OSSL_PROVIDER_load(library, "openssl") != nullptr;
  static std::map<std::string, EVP_CIPHER*> ciphers;
  EVP_CIPHER*& cipher = ciphers[name];
  if (cipher == nullptr) cipher = EVP_CIPHER_fetch(library, name.c_str(), nullptr);
  if (!added || cipher == nullptr) std::abort();
  return cipher;
}

// What an AEAD takes beside the text.
struct AeadInput {
  std::vector<uint8_t> key, iv, additional;
  size_t tag_size = 16;
  // Text and additional data go in by pieces of so many bytes, the last one smaller; 0: at once.
  size_t piece = 0;
};

inline bool Update(EVP_CIPHER_CTX* context, uint8_t* out, const uint8_t* in, size_t size, size_t piece) {
  if (piece == 0) piece = size;
  for (size_t done = 0; done < size; done += piece) {
    const size_t part = std::min(piece, size - done);
    int written = 0;
    if (EVP_CipherUpdate(context, out == nullptr ? nullptr : out + done, &written, in + done, static_cast<int>(part)) !=
        1) {
      return false;
    }
  }
  return true;
}

// A context that has everything but the text. `tag`: to open, null to seal.
inline CipherCtxPtr BeginAead(const EVP_CIPHER* cipher, const AeadInput& input, const uint8_t* tag) {
  CipherCtxPtr context(EVP_CIPHER_CTX_new());
  const int sealing = tag == nullptr ? 1 : 0;
  const auto size = static_cast<int>(input.tag_size);
  if (EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, sealing, nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(input.iv.size()), nullptr) != 1 ||
      (sealing == 0 &&
       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, size, const_cast<uint8_t*>(tag)) != 1) ||
      EVP_CipherInit_ex2(context.get(), nullptr, input.key.data(), input.iv.data(), sealing, nullptr) != 1 ||
      !Update(context.get(), nullptr, input.additional.data(), input.additional.size(), input.piece)) {
    return nullptr;
  }
  return context;
}

// The tag, or nothing when it failed.
inline std::optional<std::vector<uint8_t>> Seal(const EVP_CIPHER* cipher, const AeadInput& input, const uint8_t* in,
                                                uint8_t* out, size_t size) {
  const CipherCtxPtr context = BeginAead(cipher, input, nullptr);
  std::vector<uint8_t> tag(input.tag_size);
  int rest = 0;
  if (!context || !Update(context.get(), out, in, size, input.piece) ||
      EVP_CipherFinal_ex(context.get(), out + size, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) != 1) {
    return {};
  }
  return tag;
}

inline bool Open(const EVP_CIPHER* cipher, const AeadInput& input, const uint8_t* tag, const uint8_t* in, uint8_t* out,
                 size_t size) {
  const CipherCtxPtr context = BeginAead(cipher, input, tag);
  int rest = 0;
  return context && Update(context.get(), out, in, size, input.piece) &&
         EVP_CipherFinal_ex(context.get(), out + size, &rest) == 1;
}

// Bytes that differ from each other, the same in every run.
inline std::vector<uint8_t> Pattern(size_t size, uint64_t seed) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<uint8_t>(seed >> 56);
  }
  return bytes;
}

}  // namespace wasm_tls::test
