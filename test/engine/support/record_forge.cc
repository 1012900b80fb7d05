#include "test/engine/support/record_forge.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstdio>
#include <cstdlib>

namespace wasm_tls::test {

namespace {

constexpr size_t kKeySize = 16;
constexpr size_t kTagSize = 16;
constexpr size_t kNonceSize = 12;
constexpr size_t kTls12IvSize = 4;
constexpr size_t kTls12ExplicitNonceSize = 8;

void Require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "record forge: %s failed\n", what);
  std::abort();
}

OSSL_PARAM Octets(const char* name, BytesView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(bytes.data()), bytes.size());
}

OSSL_PARAM Text(const char* name, const char* text) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0);
}

Bytes Derive(const char* kdf_name, size_t size, std::vector<OSSL_PARAM> params) {
  params.push_back(OSSL_PARAM_construct_end());
  const OpensslPtr<EVP_KDF, EVP_KDF_free> kdf(EVP_KDF_fetch(nullptr, kdf_name, nullptr));
  const OpensslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> ctx(EVP_KDF_CTX_new(kdf.get()));
  Bytes out(size);
  Require(EVP_KDF_derive(ctx.get(), out.data(), out.size(), params.data()) == 1, kdf_name);
  return out;
}

Bytes BigEndian(uint64_t value, size_t size) {
  Bytes out(size);
  for (size_t i = size; i-- > 0; value >>= 8) out[i] = static_cast<uint8_t>(value);
  return out;
}

Bytes Joined(std::initializer_list<BytesView> parts) {
  Bytes joined;
  for (const BytesView part : parts) joined.insert(joined.end(), part.begin(), part.end());
  return joined;
}

Bytes Header(ContentType type, size_t size) {
  return {static_cast<uint8_t>(type), 3, 3, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
}

}  // namespace

RecordForge::RecordForge(const OpensslPeer& peer, uint64_t sent)
    : tls13_(SSL_version(peer.ssl()) == TLS1_3_VERSION), by_server_(SSL_is_server(peer.ssl()) == 1), sequence_(sent) {
  Require(peer.established(), "handshake");
  if (tls13_) {
    DeriveTls13(peer);
  } else {
    DeriveTls12(peer);
  }
}

// RFC 5246 §6.3: key_block = PRF(master_secret, "key expansion", server_random + client_random); for GCM it is client
// key, server key, client salt, server salt.
void RecordForge::DeriveTls12(const OpensslPeer& peer) {
  Bytes master(48);
  Bytes client_random(32);
  Bytes server_random(32);
  SSL_SESSION_get_master_key(SSL_get_session(peer.ssl()), master.data(), master.size());
  SSL_get_client_random(peer.ssl(), client_random.data(), client_random.size());
  SSL_get_server_random(peer.ssl(), server_random.data(), server_random.size());
  const Bytes block = Derive("TLS1-PRF", 2 * (kKeySize + kTls12IvSize),
                             {Text(OSSL_KDF_PARAM_DIGEST, "SHA256"), Octets(OSSL_KDF_PARAM_SECRET, master),
                              Octets(OSSL_KDF_PARAM_SEED, AsBytes("key expansion")),
                              Octets(OSSL_KDF_PARAM_SEED, server_random), Octets(OSSL_KDF_PARAM_SEED, client_random)});
  const BytesView view = block;
  key_ = ToBytes(view.subspan(by_server_ ? kKeySize : 0, kKeySize));
  iv_ = ToBytes(view.subspan(2 * kKeySize + (by_server_ ? kTls12IvSize : 0), kTls12IvSize));
}

// RFC 8446 §7.3: key = HKDF-Expand-Label(secret, "key", "", …), iv likewise.
void RecordForge::DeriveTls13(const OpensslPeer& peer) {
  const Bytes secret = peer.KeylogSecret(by_server_ ? "SERVER_TRAFFIC_SECRET_0" : "CLIENT_TRAFFIC_SECRET_0");
  Require(!secret.empty(), "key log");
  const auto expand = [&secret](std::string_view label, size_t size) {
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    return Derive("TLS13-KDF", size,
                  {Text(OSSL_KDF_PARAM_DIGEST, "SHA256"), OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                   Octets(OSSL_KDF_PARAM_KEY, secret), Octets(OSSL_KDF_PARAM_PREFIX, AsBytes("tls13 ")),
                   Octets(OSSL_KDF_PARAM_LABEL, AsBytes(label))});
  };
  key_ = expand("key", kKeySize);
  iv_ = expand("iv", kNonceSize);
}

Bytes RecordForge::Seal(ContentType type, BytesView contents, size_t padding) {
  const uint64_t sequence = sequence_++;
  if (tls13_) {
    // RFC 8446 §5.2: contents, type, zeros; §5.3: the nonce is the sequence number over the IV.
    const Bytes inner = Joined({contents, Bytes{static_cast<uint8_t>(type)}, Bytes(padding)});
    Bytes nonce = BigEndian(sequence, kNonceSize);
    for (size_t i = 0; i < kNonceSize; ++i) nonce[i] ^= iv_[i];
    const Bytes header = Header(ContentType::kData, inner.size() + kTagSize);
    return Joined({header, Encrypt(nonce, header, inner)});
  }
  // RFC 5288 §3: the explicit part of the nonce travels with the record.
  const Bytes explicit_nonce = BigEndian(sequence, kTls12ExplicitNonceSize);
  const Bytes additional = Joined({explicit_nonce, Header(type, contents.size())});
  const Bytes sealed = Encrypt(Joined({iv_, explicit_nonce}), additional, contents);
  return Joined({Header(type, kTls12ExplicitNonceSize + sealed.size()), explicit_nonce, sealed});
}

Bytes RecordForge::Encrypt(BytesView nonce, BytesView header, BytesView plain) const {
  const CipherCtxPtr ctx(EVP_CIPHER_CTX_new());
  const OpensslPtr<EVP_CIPHER, EVP_CIPHER_free> cipher(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
  Bytes out(plain.size() + kTagSize);
  int size = 0;
  const int plain_size = static_cast<int>(plain.size());
  Require(EVP_EncryptInit_ex2(ctx.get(), cipher.get(), key_.data(), nonce.data(), nullptr) == 1 &&
              EVP_EncryptUpdate(ctx.get(), nullptr, &size, header.data(), static_cast<int>(header.size())) == 1 &&
              EVP_EncryptUpdate(ctx.get(), out.data(), &size, plain.data(), plain_size) == 1 &&
              EVP_EncryptFinal_ex(ctx.get(), out.data() + plain_size, &size) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, out.data() + plain_size) == 1,
          "encryption");
  return out;
}

}  // namespace wasm_tls::test
