// Does the time of an operation tell something of its secrets? As Reparaz, Balasch and Verbauwhede ask ("Dude, is my
// code constant time?", 2017): two classes of inputs in random order, the slowest samples left out, Welch's t between
// them. Above 10 they are told apart; below 4.5 nothing was found, which proves nothing.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "bench/engine/evp.h"
#include "bench/engine/jobs.h"

namespace wasm_tls::bench {
namespace {

constexpr size_t kKeys = 32;
// Interrupts and collections of garbage are no property of the code.
constexpr double kKept = 0.9;

// Of one class of inputs, in seconds.
using Samples = std::vector<double>;

struct Moments {
  double mean = 0;
  double variance_of_mean = 0;
};

Moments MomentsOf(const Samples& samples, double limit) {
  double sum = 0, squares = 0, count = 0;
  for (const double sample : samples) {
    if (sample > limit) continue;
    sum += sample;
    squares += sample * sample;
    ++count;
  }
  const double mean = sum / count;
  return {mean, (squares / count - mean * mean) / (count - 1)};
}

double WelchT(const Samples& a, const Samples& b) {
  Samples all = a;
  all.insert(all.end(), b.begin(), b.end());
  const auto limit = all.begin() + static_cast<ptrdiff_t>(static_cast<double>(all.size()) * kKept);
  std::ranges::nth_element(all, limit);
  const Moments of_a = MomentsOf(a, *limit), of_b = MomentsOf(b, *limit);
  return (of_a.mean - of_b.mean) / std::sqrt(of_a.variance_of_mean + of_b.variance_of_mean);
}

// A generator whose order no secret has a part in.
class Order {
 public:
  bool Next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 63) != 0;
  }

 private:
  uint64_t state_ = 1;
};

// `work(b)`: of class A or B.
void Compare(const Duration& duration, const std::function<void(bool b)>& work) {
  Samples samples[2];
  Order order;
  const double warm = Now() + duration.warmup_s;
  while (Now() < warm) work(order.Next());
  const double end = Now() + duration.measured_s;
  for (double start = Now(); start < end;) {
    const bool b = order.Next();
    start = Now();
    work(b);
    samples[b ? 1 : 0].push_back(Now() - start);
  }
  Check(samples[0].size() > 100 && samples[1].size() > 100, "too few samples");
  std::printf("{\"value\":%.2f,\"samples\":%zu}\n", std::fabs(WelchT(samples[0], samples[1])),
              samples[0].size() + samples[1].size());
}

// The same key each time, or each time another.
template <class Make>
std::vector<EvpPkeyPtr> Keys(const Make& make) {
  std::vector<EvpPkeyPtr> keys;
  keys.reserve(kKeys);
  for (size_t i = 0; i < kKeys; ++i) keys.push_back(make());
  return keys;
}

void CompareKeys(const Duration& duration, const std::vector<EvpPkeyPtr>& keys,
                 const std::function<void(EVP_PKEY*)>& work) {
  size_t next = 0;
  Compare(duration, [&](bool b) { work(keys[b ? next++ % keys.size() : 0].get()); });
}

// A key of zeros, or random ones: tables are looked up at the same places, or not.
void CompareCipherKeys(const char* cipher, const Duration& duration) {
  RecordCipher records(cipher);
  std::vector<Bytes> keys(kKeys, Bytes(records.key_size(), 0));
  uint32_t state = 1;
  for (size_t i = 1; i < kKeys; ++i) {
    for (uint8_t& byte : keys[i]) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  }
  Bytes data(1024, 'x');
  size_t next = 0;
  Compare(duration, [&](bool b) {
    records.SetKey(keys[b ? 1 + next++ % (kKeys - 1) : 0], true);
    records.Seal(data);
  });
}

// A tag that is wrong in its first byte, or in its last.
void CompareTags(const char* cipher, const Duration& duration) {
  RecordCipher records(cipher);
  const Bytes key(records.key_size(), 3);
  Bytes sealed(64, 'x');
  records.SetKey(key, true);
  records.Seal(sealed);
  records.SetKey(key, false);
  Compare(duration, [&](bool b) {
    Bytes data = sealed;
    uint8_t& byte = records.tag()[b ? 0 : kTagSize - 1];
    byte ^= 1;
    Check(!records.Open(data), "a wrong tag was taken");
    byte ^= 1;
  });
}

// A ciphertext of the peer's, or one that was tampered with.
void CompareCiphertexts(const char* group, const Duration& duration) {
  const EvpPkeyPtr key = NewKey(group);
  const Bytes right = Encapsulate(PublicHalf(key.get()).get()).ciphertext;
  Bytes wrong = right;
  wrong[5] ^= 1;
  Compare(duration, [&](bool b) { Decapsulate(key.get(), b ? wrong : right); });
}

}  // namespace

void RunTiming(const std::string& operation, BytesView pem, const Duration& duration) {
  const size_t colon = operation.find(':');
  const std::string what = operation.substr(0, colon);
  const std::string name = colon == std::string::npos ? "" : operation.substr(colon + 1);
  const Bytes message(32, 1);
  if (what == "cipher-key") {
    CompareCipherKeys(name.c_str(), duration);
  } else if (what == "tag") {
    CompareTags(name.c_str(), duration);
  } else if (what == "ciphertext") {
    CompareCiphertexts(name.c_str(), duration);
  } else if (what == "scalar" && name == "X25519") {
    const EvpPkeyPtr peer = NewKey("X25519");
    CompareKeys(duration, Keys([] { return NewKey("X25519"); }), [&](EVP_PKEY* key) { Derive(key, peer.get()); });
  } else if (what == "scalar") {
    const EvpPkeyPtr peer = NewKey("EC", name.c_str());
    const auto keys = Keys([&] { return NewKey("EC", name.c_str()); });
    CompareKeys(duration, keys, [&](EVP_PKEY* key) { Derive(key, peer.get()); });
  } else if (what == "sign" && name == "P-256") {
    CompareKeys(duration, Keys([] { return NewKey("EC", "P-256"); }), [&](EVP_PKEY* key) { Sign(key, message); });
  } else if (what == "message") {
    // Blinding makes what is raised to the secret power random in either class.
    const EvpPkeyPtr key = ReadKey(pem);
    Bytes changing = message;
    Compare(duration, [&](bool b) {
      if (b) ++changing[0];
      Sign(key.get(), b ? changing : message);
    });
  } else {
    Die("there is no such operation", operation);
  }
}

}  // namespace wasm_tls::bench
