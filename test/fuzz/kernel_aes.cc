// AES of our provider against OpenSSL's own: texts and additional data of any length, in pieces, in place or not, at
// any alignment, with shorter tags; what comes out must be the same, and open again. And counters that wrap, which only
// show below the provider.
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "src/kernels/gcm.h"
#include "test/fuzz/choices.h"

namespace wasm_tls::fuzz {
namespace {

constexpr const char* kGcms[] = {"AES-128-GCM", "AES-256-GCM"};
constexpr const char* kCcms[] = {"AES-128-CCM", "AES-256-CCM"};
constexpr const char* kCbcs[] = {"AES-128-CBC", "AES-192-CBC", "AES-256-CBC"};

template <size_t kCount>
const char* OneOf(Choices& choices, const char* const (&names)[kCount]) {
  return names[choices.UpTo(kCount - 1)];
}

size_t KeySize(const char* name) { return static_cast<size_t>(std::stoi(name + 4)) / 8; }

void RunGcm(Choices& choices) {
  const char* const name = OneOf(choices, kGcms);
  test::AeadInput input;
  input.key = choices.Text(KeySize(name));
  input.iv = choices.Text(choices.Flag() ? 12 : 1 + choices.UpTo(127));
  CompareAeads(choices, name, std::move(input), 4);
}

// The key stream block by block, where the text would be, against that of OpenSSL's single blocks.
void RunCounter(Choices& choices) {
  const Octets key = choices.Text(choices.Flag() ? 16 : 32);
  const Octets text = choices.Text(choices.Length());
  const auto gcm = std::make_unique<kernels::Gcm>();
  const auto bulk = std::make_unique<kernels::GcmBulk>();
  kernels::GcmSetKey(*gcm, key.data(), key.size());
  kernels::GcmSetBulk(*gcm, *bulk);
  kernels::GcmStart(*gcm, choices.Text(12).data(), 12);
  gcm->bulk = choices.Flag() ? bulk.get() : nullptr;
  const uint32_t first = 0 - static_cast<uint32_t>(choices.UpTo(kLongest / 16));

  const size_t blocks = text.size() / 16 + 1;
  Octets stream(16 * blocks);
  for (size_t i = 0; i < blocks; ++i) {
    const uint32_t count = __builtin_bswap32(first + static_cast<uint32_t>(i));
    kernels::Store(stream.data() + 16 * i, gcm->counter);
    std::memcpy(stream.data() + 16 * i + 12, &count, sizeof(count));
  }
  gcm->counter = kernels::Load<kernels::U8x16>(stream.data());
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* const ecb = test::OpensslCipher(key.size() == 16 ? "AES-128-ECB" : "AES-256-ECB");
  int written = 0;
  Require(EVP_CipherInit_ex2(context.get(), ecb, key.data(), nullptr, 1, nullptr) == 1 &&
          EVP_CipherUpdate(context.get(), stream.data(), &written, stream.data(), static_cast<int>(stream.size())) ==
              1);
  Octets expected = text;
  for (size_t i = 0; i < text.size(); ++i) expected[i] ^= stream[i];

  Buffers buffers(choices, text);
  const bool encrypts = choices.Flag();
  InPieces(choices, text.size(), [&](size_t begin, size_t size) {
    Require(encrypts ? kernels::GcmEncrypt(*gcm, buffers.in() + begin, buffers.out() + begin, size)
                     : kernels::GcmDecrypt(*gcm, buffers.in() + begin, buffers.out() + begin, size));
  });
  Require(buffers.Became(expected));
}

struct Ccm {
  Octets key, iv, additional;
  size_t tag_size;
};

// `tag`: to open, or what sealing gives.
bool CryptCcm(const EVP_CIPHER* cipher, bool seals, const Ccm& ccm, const uint8_t* in, uint8_t* out, size_t size,
              Octets& tag) {
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  const auto tag_size = static_cast<int>(ccm.tag_size);
  const auto text_size = static_cast<int>(size);
  int written = 0;
  return EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, seals ? 1 : 0, nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(ccm.iv.size()), nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, seals ? nullptr : tag.data()) == 1 &&
         EVP_CipherInit_ex2(context.get(), nullptr, ccm.key.data(), ccm.iv.data(), seals ? 1 : 0, nullptr) == 1 &&
         EVP_CipherUpdate(context.get(), nullptr, &written, nullptr, text_size) == 1 &&
         (ccm.additional.empty() || EVP_CipherUpdate(context.get(), nullptr, &written, ccm.additional.data(),
                                                     static_cast<int>(ccm.additional.size())) == 1) &&
         EVP_CipherUpdate(context.get(), out, &written, in, text_size) == 1 &&
         (!seals || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) == 1);
}

void RunCcm(Choices& choices) {
  const char* const name = OneOf(choices, kCcms);
  const Ccm ccm = {.key = choices.Text(KeySize(name)),
                   .iv = choices.Text(7 + choices.UpTo(6)),
                   .additional = choices.Text(choices.Length()),
                   .tag_size = 4 + 2 * choices.UpTo(6)};
  // What a nonce of 13 bytes leaves room to count.
  const Octets text = choices.Text(1 + std::min<size_t>(choices.Length(), 0xfffe));
  Octets sealed(text.size()), tag(ccm.tag_size), our_tag(ccm.tag_size);
  Require(CryptCcm(test::OpensslCipher(name), true, ccm, text.data(), sealed.data(), text.size(), tag));
  Buffers sealing(choices, text);
  Require(CryptCcm(test::OurCipher(name), true, ccm, sealing.in(), sealing.out(), text.size(), our_tag));
  Require(our_tag == tag && sealing.Became(sealed));
  Buffers opening(choices, sealed);
  Require(CryptCcm(test::OurCipher(name), false, ccm, opening.in(), opening.out(), text.size(), tag));
  Require(opening.Became(text));
  tag[choices.UpTo(tag.size() - 1)] ^= static_cast<uint8_t>(1 << choices.UpTo(7));
  Buffers refusing(choices, sealed);
  Require(!CryptCcm(test::OurCipher(name), false, ccm, refusing.in(), refusing.out(), text.size(), tag));
  Require(refusing.Became(Octets(text.size())));
}

// By pieces; nothing when the padding is wrong.
std::optional<Octets> CryptCbc(const EVP_CIPHER* cipher, bool encrypts, const Octets& key, const Octets& in,
                               size_t piece) {
  constexpr uint8_t kIv[16] = {1, 2, 3};
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  Require(EVP_CipherInit_ex2(context.get(), cipher, key.data(), kIv, encrypts ? 1 : 0, nullptr) == 1);
  Octets out(in.size() + 32);
  ptrdiff_t total = 0;
  for (size_t done = 0; done < in.size(); done += piece) {
    int written = 0;
    Require(EVP_CipherUpdate(context.get(), out.data() + total, &written, in.data() + done,
                             static_cast<int>(std::min(piece, in.size() - done))) == 1);
    total += written;
  }
  int rest = 0;
  if (EVP_CipherFinal_ex(context.get(), out.data() + total, &rest) != 1) {
    ERR_clear_error();
    return {};
  }
  out.resize(static_cast<size_t>(total + rest));
  return out;
}

void RunCbc(Choices& choices) {
  const char* const name = OneOf(choices, kCbcs);
  const Octets key = choices.Text(KeySize(name));
  const size_t piece = choices.Flag() ? kLongest : 1 + choices.Length();
  const Octets text = choices.Text(choices.Length());
  const auto sealed = CryptCbc(test::OpensslCipher(name), true, key, text, piece);
  Require(sealed.has_value() && CryptCbc(test::OurCipher(name), true, key, text, piece) == sealed);
  Require(CryptCbc(test::OurCipher(name), false, key, *sealed, piece) == text);
  // Whether padding happens to be right, too.
  Octets other = *sealed;
  other[choices.UpTo(other.size() - 1)] ^= choices.Byte();
  Require(CryptCbc(test::OurCipher(name), false, key, other, piece) ==
          CryptCbc(test::OpensslCipher(name), false, key, other, piece));
}

}  // namespace
}  // namespace wasm_tls::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  wasm_tls::fuzz::Init();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr void (*kRuns[])(wasm_tls::fuzz::Choices&) = {wasm_tls::fuzz::RunGcm, wasm_tls::fuzz::RunCounter,
                                                         wasm_tls::fuzz::RunCcm, wasm_tls::fuzz::RunCbc};
  wasm_tls::fuzz::Choices choices({data, size});
  kRuns[choices.UpTo(std::size(kRuns) - 1)](choices);
  return 0;
}
