#include <openssl/evp.h>

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/engine/check.h"
#include "bench/engine/jobs.h"
#include "src/openssl_ptr.h"

namespace wasm_tls::bench {
namespace {

using CipherPtr = OpensslPtr<EVP_CIPHER, EVP_CIPHER_free>;
using MdCtxPtr = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr int kTagSize = 16;
// The header of a record, which TLS 1.3 authenticates.
constexpr uint8_t kHeader[5] = {0x17, 0x03, 0x03, 0x40, 0x11};

void CheckOne(int result, std::string_view what) { Check(result == 1, what); }

// Records one after the other under one key, as the record layer protects them.
class Records {
 public:
  Records(const char* cipher, size_t size, bool encrypt)
      : cipher_(EVP_CIPHER_fetch(nullptr, cipher, nullptr)),
        ctx_(EVP_CIPHER_CTX_new()),
        data_(size, 0x5a),
        iv_(12, 7),
        encrypt_(encrypt) {
    Check(cipher_ != nullptr, cipher);
    const std::vector<uint8_t> key(static_cast<size_t>(EVP_CIPHER_get_key_length(cipher_.get())), 3);
    CheckOne(EVP_CipherInit_ex(ctx_.get(), cipher_.get(), nullptr, key.data(), nullptr, 1), "key");
    Seal();
    if (encrypt) return;
    sealed_ = data_;
    CheckOne(EVP_CipherInit_ex(ctx_.get(), cipher_.get(), nullptr, key.data(), nullptr, 0), "key");
  }

  void Run() {
    if (encrypt_) return Seal();
    data_ = sealed_;
    Start();
    CheckOne(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag_), "tag");
    Transform();
  }

 private:
  void Seal() {
    Start();
    Transform();
    CheckOne(EVP_CIPHER_CTX_ctrl(ctx_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag_), "tag");
  }

  void Start() {
    int length = 0;
    CheckOne(EVP_CipherInit_ex(ctx_.get(), nullptr, nullptr, nullptr, iv_.data(), -1), "IV");
    CheckOne(EVP_CipherUpdate(ctx_.get(), nullptr, &length, kHeader, sizeof(kHeader)), "header");
  }

  void Transform() {
    int length = 0;
    CheckOne(EVP_CipherUpdate(ctx_.get(), data_.data(), &length, data_.data(), static_cast<int>(data_.size())), "data");
    CheckOne(EVP_CipherFinal_ex(ctx_.get(), data_.data() + length, &length), "end");
  }

  CipherPtr cipher_;
  CipherCtxPtr ctx_;
  std::vector<uint8_t> data_, sealed_, iv_;
  uint8_t tag_[kTagSize] = {};
  bool encrypt_;
};

EvpPkeyPtr NewKey(const char* type, const char* group = nullptr) {
  EVP_PKEY* key =
      group != nullptr ? EVP_PKEY_Q_keygen(nullptr, nullptr, type, group) : EVP_PKEY_Q_keygen(nullptr, nullptr, type);
  Check(key != nullptr, "key generation");
  return EvpPkeyPtr(key);
}

EvpPkeyPtr ReadKey(BytesView pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  Check(key != nullptr, "key");
  return key;
}

std::vector<uint8_t> Sign(EVP_PKEY* key, BytesView message) {
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  CheckOne(EVP_DigestSignInit_ex(ctx.get(), nullptr, "SHA256", nullptr, nullptr, key, nullptr), "signature");
  std::vector<uint8_t> signature(static_cast<size_t>(EVP_PKEY_get_size(key)));
  size_t size = signature.size();
  CheckOne(EVP_DigestSign(ctx.get(), signature.data(), &size, message.data(), message.size()), "signature");
  signature.resize(size);
  return signature;
}

void Verify(EVP_PKEY* key, BytesView message, BytesView signature) {
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  CheckOne(EVP_DigestVerifyInit_ex(ctx.get(), nullptr, "SHA256", nullptr, nullptr, key, nullptr), "verification");
  CheckOne(EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), message.data(), message.size()),
           "verification");
}

void Derive(EVP_PKEY* own, EVP_PKEY* peer) {
  const EvpPkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  uint8_t secret[64];
  size_t size = sizeof(secret);
  CheckOne(EVP_PKEY_derive_init(ctx.get()), "derivation");
  CheckOne(EVP_PKEY_derive_set_peer(ctx.get(), peer), "derivation");
  CheckOne(EVP_PKEY_derive(ctx.get(), secret, &size), "derivation");
}

// What client and server do together for a shared secret, their messages encoded and decoded as on the wire.
void Encapsulate(const char* group) {
  const EvpPkeyPtr client = NewKey(group);
  uint8_t* share = nullptr;
  const size_t share_size = EVP_PKEY_get1_encoded_public_key(client.get(), &share);
  const OpensslMemoryPtr<uint8_t> share_owner(share);
  const EvpPkeyPtr server(EVP_PKEY_new());
  CheckOne(EVP_PKEY_copy_parameters(server.get(), client.get()), "parameters");
  CheckOne(EVP_PKEY_set1_encoded_public_key(server.get(), share, share_size), "share");

  uint8_t secret[2][64];
  size_t secret_size = sizeof(secret[0]);
  std::vector<uint8_t> ciphertext(2048);
  size_t ciphertext_size = ciphertext.size();
  const EvpPkeyCtxPtr encapsulation(EVP_PKEY_CTX_new_from_pkey(nullptr, server.get(), nullptr));
  CheckOne(EVP_PKEY_encapsulate_init(encapsulation.get(), nullptr), "encapsulation");
  CheckOne(EVP_PKEY_encapsulate(encapsulation.get(), ciphertext.data(), &ciphertext_size, secret[0], &secret_size),
           "encapsulation");
  const EvpPkeyCtxPtr decapsulation(EVP_PKEY_CTX_new_from_pkey(nullptr, client.get(), nullptr));
  CheckOne(EVP_PKEY_decapsulate_init(decapsulation.get(), nullptr), "decapsulation");
  CheckOne(EVP_PKEY_decapsulate(decapsulation.get(), secret[1], &secret_size, ciphertext.data(), ciphertext_size),
           "decapsulation");
  Check(BytesView(secret[0], secret_size).size() == secret_size &&
            std::equal(secret[0], secret[0] + secret_size, secret[1]),
        "the secrets differ");
}

struct Print {
  size_t size;
  const Duration& duration;

  void PerSecond(const std::function<void()>& work) const {
    const Measurement done = Measure(duration, work);
    std::printf("{\"value\":%.2f}\n", static_cast<double>(done.times) / done.seconds);
  }

  void MegabytesPerSecond(const std::function<void()>& work) const {
    // The clock is a call of its own: it is looked at once per 64 KiB.
    const size_t repetitions = 65536 / size + 1;
    const Measurement done = Measure(duration, [&] {
      for (size_t i = 0; i < repetitions; ++i) work();
    });
    const double bytes = static_cast<double>(done.times) * static_cast<double>(size * repetitions);
    std::printf("{\"value\":%.3f}\n", bytes / done.seconds / 1e6);
  }
};

// "NAME" of "seal:NAME", if that is what the operation is.
const char* After(const std::string& operation, std::string_view prefix) {
  return operation.starts_with(prefix) ? operation.c_str() + prefix.size() : nullptr;
}

bool RunOnBytes(const std::string& operation, size_t size, const Print& print) {
  if (const char* cipher = After(operation, "seal:"); cipher != nullptr) {
    Records records(cipher, size, true);
    print.MegabytesPerSecond([&] { records.Run(); });
  } else if (const char* opened = After(operation, "open:"); opened != nullptr) {
    Records records(opened, size, false);
    print.MegabytesPerSecond([&] { records.Run(); });
  } else if (const char* digest = After(operation, "digest:"); digest != nullptr) {
    const EvpMdPtr algorithm(EVP_MD_fetch(nullptr, digest, nullptr));
    const std::vector<uint8_t> data(size, 0x5a);
    uint8_t out[EVP_MAX_MD_SIZE];
    print.MegabytesPerSecond(
        [&] { CheckOne(EVP_Digest(data.data(), size, out, nullptr, algorithm.get(), nullptr), "digest"); });
  } else {
    return false;
  }
  return true;
}

bool RunOnKeys(const std::string& operation, BytesView pem, const Print& print) {
  const std::vector<uint8_t> message(130, 1);
  if (operation == "sign" || operation == "verify") {
    const EvpPkeyPtr key = ReadKey(pem);
    const std::vector<uint8_t> signature = Sign(key.get(), message);
    if (operation == "sign") {
      print.PerSecond([&] { Sign(key.get(), message); });
    } else {
      print.PerSecond([&] { Verify(key.get(), message, signature); });
    }
  } else if (operation == "derive:X25519" || operation == "derive:P-256") {
    const bool ec = operation.ends_with("P-256");
    const EvpPkeyPtr own = ec ? NewKey("EC", "P-256") : NewKey("X25519");
    const EvpPkeyPtr peer = ec ? NewKey("EC", "P-256") : NewKey("X25519");
    print.PerSecond([&] { Derive(own.get(), peer.get()); });
  } else if (operation == "keygen:P-256") {
    print.PerSecond([] { NewKey("EC", "P-256"); });
  } else if (const char* type = After(operation, "keygen:"); type != nullptr) {
    print.PerSecond([&] { NewKey(type); });
  } else if (const char* group = After(operation, "encapsulation:"); group != nullptr) {
    print.PerSecond([&] { Encapsulate(group); });
  } else {
    return false;
  }
  return true;
}

}  // namespace

void RunPrimitive(const std::string& operation, size_t size, BytesView key, const Duration& duration) {
  const Print print = {.size = size, .duration = duration};
  if (size > 0 ? !RunOnBytes(operation, size, print) : !RunOnKeys(operation, key, print)) {
    Die("there is no such operation", operation);
  }
}

}  // namespace wasm_tls::bench
