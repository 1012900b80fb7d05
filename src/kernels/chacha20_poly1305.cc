#include "chacha20_poly1305.h"

#include <algorithm>
#include <cstring>

#include "wipe.h"

namespace wasm_tls::kernels {
namespace {

// What is encrypted is authenticated while it is near: a record, within the first cache of any machine.
constexpr size_t kNear = 16384;

}  // namespace

void ChaCha20Poly1305::Start(const uint8_t* nonce) {
  // Block 0 of the key stream is the key of the tag; the text begins at block 1.
  uint8_t mac_key[Poly1305::kKeySize] = {};
  cipher_.Start(nonce, 0);
  cipher_.Process(mac_key, mac_key, sizeof(mac_key));
  cipher_.SkipToBlock();
  mac_.Start(mac_key);
  Wipe(mac_key, sizeof(mac_key));
  data_size_ = 0;
  text_size_ = 0;
}

void ChaCha20Poly1305::Authenticate(const uint8_t* data, size_t size) {
  data_size_ += size;
  mac_.Update(data, size);
}

void ChaCha20Poly1305::AuthenticateText(const uint8_t* in, size_t size) {
  if (text_size_ == 0) mac_.Pad();
  text_size_ += size;
  mac_.Update(in, size);
}

void ChaCha20Poly1305::Seal(const uint8_t* in, uint8_t* out, size_t size) {
  for (size_t done = 0; done < size; done += kNear) {
    const size_t part = std::min(kNear, size - done);
    cipher_.Process(in + done, out + done, part);
    AuthenticateText(out + done, part);
  }
}

void ChaCha20Poly1305::Open(const uint8_t* in, uint8_t* out, size_t size) {
  for (size_t done = 0; done < size; done += kNear) {
    const size_t part = std::min(kNear, size - done);
    AuthenticateText(in + done, part);
    cipher_.Process(in + done, out + done, part);
  }
}

void ChaCha20Poly1305::Finish(uint8_t* tag) {
  mac_.Pad();
  const uint64_t sizes[2] = {data_size_, text_size_};
  uint8_t block[sizeof(sizes)];
  std::memcpy(block, sizes, sizeof(sizes));
  mac_.Update(block, sizeof(block));
  mac_.Finish(tag);
}

}  // namespace wasm_tls::kernels
