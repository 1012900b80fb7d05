// AES of our provider against OpenSSL's own: what the input says to encrypt, in pieces, in place or not, at any
// alignment; what comes out must be the same, and open again.
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "test/fuzz/fuzzing.h"
#include "test/kernels/ciphers.h"

namespace wasm_tls::fuzz {
namespace {

constexpr const char* kAeads[] = {"AES-128-GCM", "AES-256-GCM"};
constexpr const char* kCbcs[] = {"AES-128-CBC", "AES-192-CBC", "AES-256-CBC"};

// Reads zeros behind the end.
class Reader {
 public:
  explicit Reader(BytesView input) : input_(input) {}

  uint8_t Byte() {
    if (input_.empty()) return 0;
    const uint8_t byte = input_.front();
    input_ = input_.subspan(1);
    return byte;
  }

  size_t Word() { return size_t{Byte()} << 8 | Byte(); }

  std::vector<uint8_t> Bytes(size_t size) {
    std::vector<uint8_t> bytes(size);
    for (uint8_t& byte : bytes) byte = Byte();
    return bytes;
  }

 private:
  BytesView input_;
};

void RunAead(Reader& reader) {
  const char* const name = kAeads[reader.Byte() % std::size(kAeads)];
  test::AeadInput input;
  input.key = reader.Bytes(name[4] == '1' ? 16 : 32);
  input.iv = reader.Bytes(1 + reader.Byte() % 16);
  input.additional = reader.Bytes(reader.Byte());
  input.tag_size = 4 + reader.Byte() % 13;
  input.piece = reader.Word() % 4096;
  const size_t offset = reader.Byte() % 32;
  const bool in_place = reader.Byte() % 2 != 0;
  // A text is long or the input's own.
  const size_t size = reader.Word() + reader.Byte() * 20;
  std::vector<uint8_t> text = test::Pattern(size, reader.Word());
  for (size_t i = 0; i < std::min<size_t>(size, 64); ++i) text[i] ^= reader.Byte();

  std::vector<uint8_t> expected(size + 1);
  const auto tag = test::Seal(test::OpensslCipher(name), input, text.data(), expected.data(), size);
  expected.resize(size);
  // Of exactly the size, so that a byte read or written beyond is found.
  std::vector<uint8_t> in(offset + size), out(offset + size);
  std::copy(text.begin(), text.end(), in.begin() + static_cast<ptrdiff_t>(offset));
  uint8_t* const target = (in_place ? in.data() : out.data()) + offset;
  const auto ours = test::Seal(test::OurCipher(name), input, in.data() + offset, target, size);
  Require(tag.has_value() && ours == tag);
  Require(std::equal(expected.begin(), expected.end(), target));
  Require(test::Open(test::OurCipher(name), input, tag->data(), target, target, size));
  Require(std::equal(text.begin(), text.end(), target));
}

// By pieces; nothing when the padding is wrong.
std::optional<std::vector<uint8_t>> CryptCbc(const EVP_CIPHER* cipher, bool encrypts, const std::vector<uint8_t>& key,
                                             const std::vector<uint8_t>& in, size_t piece) {
  constexpr uint8_t kIv[16] = {1, 2, 3};
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  Require(EVP_CipherInit_ex2(context.get(), cipher, key.data(), kIv, encrypts ? 1 : 0, nullptr) == 1);
  std::vector<uint8_t> out(in.size() + 32);
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

void RunCbc(Reader& reader) {
  const char* const name = kCbcs[reader.Byte() % std::size(kCbcs)];
  const std::vector<uint8_t> key = reader.Bytes(static_cast<size_t>(std::stoi(name + 4)) / 8);
  const size_t piece = 1 + reader.Word();
  const std::vector<uint8_t> text = test::Pattern(reader.Word(), reader.Word());
  const auto sealed = CryptCbc(test::OpensslCipher(name), true, key, text, piece);
  Require(sealed.has_value() && CryptCbc(test::OurCipher(name), true, key, text, piece) == sealed);
  Require(CryptCbc(test::OurCipher(name), false, key, *sealed, piece) == text);
  // Whether padding happens to be right, too.
  std::vector<uint8_t> other = *sealed;
  other[reader.Word() % other.size()] ^= reader.Byte();
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
  wasm_tls::fuzz::Reader reader({data, size});
  if (reader.Byte() % 4 == 0) {
    wasm_tls::fuzz::RunCbc(reader);
  } else {
    wasm_tls::fuzz::RunAead(reader);
  }
  return 0;
}
