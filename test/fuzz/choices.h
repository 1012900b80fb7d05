// What a few bytes of an input decide: lengths up to 70,000 bytes, what a text is made of, where the buffers lie, and
// by which pieces it comes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/bytes.h"
#include "test/fuzz/fuzzing.h"
#include "test/kernels/ciphers.h"

namespace wasm_tls::fuzz {

using Octets = std::vector<uint8_t>;

inline constexpr size_t kLongest = 70000;

// Behind the end of the input there are numbers that follow from all of it: a short one decides as much as a long one.
class Choices {
 public:
  explicit Choices(BytesView input) : input_(input) {
    for (const uint8_t byte : input) state_ = (state_ ^ byte) * 0x100000001b3;
  }

  uint8_t Byte() {
    if (input_.empty()) {
      state_ = state_ * 6364136223846793005 + 1442695040888963407;
      return static_cast<uint8_t>(state_ >> 56);
    }
    const uint8_t byte = input_.front();
    input_ = input_.subspan(1);
    return byte;
  }

  bool Flag() { return Byte() % 2 != 0; }

  // `largest` included.
  size_t UpTo(size_t largest) {
    size_t number = 0;
    for (size_t rest = largest; rest > 0; rest >>= 8) number = number << 8 | Byte();
    return number % (largest + 1);
  }

  // Many are short, and many close to a multiple of what kernels take at once.
  size_t Length() {
    const uint8_t kind = Byte();
    if (kind < 96) return UpTo(600);
    if (kind < 160) return UpTo(kLongest);
    const size_t unit = size_t{16} << kind % 11;
    return std::min(kLongest, unit * (1 + UpTo(std::min<size_t>(kLongest / unit, 16))) - UpTo(16));
  }

  Octets Bytes(size_t size) {
    Octets bytes(size);
    for (uint8_t& byte : bytes) byte = Byte();
    return bytes;
  }

  // A few of the input's bytes over and over, the largest numbers, or a pattern.
  Octets Text(size_t size) {
    const uint8_t kind = Byte();
    if (kind % 4 == 1) return Octets(size, 0xff);
    if (kind % 4 != 0) return test::Pattern(size, UpTo(0xffff));
    const Octets period = Bytes(1 + kind / 8);
    Octets text(size);
    for (size_t i = 0; i < size; ++i) text[i] = period[i % period.size()];
    return text;
  }

 private:
  BytesView input_;
  uint64_t state_ = 0xcbf29ce484222325;
};

// A text, and room for what becomes of it: in its own place or elsewhere, both at any alignment. Behind them there is
// nothing, so that a byte too many is found; what stands before is looked at by the destructor.
class Buffers {
 public:
  Buffers(Choices& choices, const Octets& text)
      : size_(text.size()), in_offset_(choices.UpTo(15)), out_offset_(choices.UpTo(15)), in_place_(choices.Flag()) {
    in_ = std::make_unique<uint8_t[]>(in_offset_ + size_);
    out_ = std::make_unique<uint8_t[]>(out_offset_ + size_);
    std::fill_n(in_.get(), in_offset_, kMark);
    std::fill_n(out_.get(), out_offset_ + size_, kMark);
    std::ranges::copy(text, in_.get() + in_offset_);
  }

  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;

  ~Buffers() {
    const auto marked = [](uint8_t byte) { return byte == kMark; };
    Require(std::all_of(in_.get(), in_.get() + in_offset_, marked));
    Require(std::all_of(out_.get(), out_.get() + out_offset_, marked));
  }

  const uint8_t* in() const { return in_.get() + in_offset_; }
  uint8_t* out() { return in_place_ ? in_.get() + in_offset_ : out_.get() + out_offset_; }
  bool Became(const Octets& expected) { return std::equal(expected.begin(), expected.end(), out()); }

 private:
  static constexpr uint8_t kMark = 0x5a;

  size_t size_;
  size_t in_offset_;
  size_t out_offset_;
  bool in_place_;
  std::unique_ptr<uint8_t[]> in_;
  std::unique_ptr<uint8_t[]> out_;
};

// Cuts a length into pieces, and calls `take(begin, size)` for each.
template <class Take>
void InPieces(Choices& choices, size_t size, const Take& take) {
  const size_t pieces = choices.UpTo(7);
  size_t done = 0;
  for (size_t i = 0; i < pieces; ++i) {
    const size_t piece = std::min(choices.Length(), size - done);
    take(done, piece);
    done += piece;
  }
  take(done, size - done);
}

// An AEAD of our provider beside OpenSSL's own, which need not have the text at once: a text is sealed and opened, and
// a tag with a wrong bit leaves none of it.
inline void CompareAeads(Choices& choices, const char* name, test::AeadInput input, size_t least_tag) {
  input.additional = choices.Text(choices.Length());
  input.tag_size = least_tag + choices.UpTo(16 - least_tag);
  input.piece = choices.Flag() ? choices.Length() : 0;
  const Octets text = choices.Text(choices.Length());
  const size_t size = text.size();

  Octets sealed(size + 1);
  const auto tag = test::Seal(test::OpensslCipher(name), input, text.data(), sealed.data(), size);
  sealed.resize(size);
  Buffers sealing(choices, text);
  Require(tag.has_value() && test::Seal(test::OurCipher(name), input, sealing.in(), sealing.out(), size) == tag);
  Require(sealing.Became(sealed));
  Buffers opening(choices, sealed);
  Require(test::Open(test::OurCipher(name), input, tag->data(), opening.in(), opening.out(), size));
  Require(opening.Became(text));
  Octets wrong = *tag;
  wrong[choices.UpTo(wrong.size() - 1)] ^= static_cast<uint8_t>(1 << choices.UpTo(7));
  Buffers refusing(choices, sealed);
  Require(!test::Open(test::OurCipher(name), input, wrong.data(), refusing.in(), refusing.out(), size));
  Require(refusing.Became(Octets(size)));
}

}  // namespace wasm_tls::fuzz
