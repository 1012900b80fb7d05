#include <openssl/evp.h>

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "bench/engine/evp.h"
#include "bench/engine/jobs.h"

namespace wasm_tls::bench {
namespace {

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

void RunOpen(const char* cipher, const Print& print) {
  RecordCipher records(cipher);
  const Bytes key(records.key_size(), 3);
  Bytes sealed(print.size, 'x');
  records.SetKey(key, true);
  records.Seal(sealed);
  records.SetKey(key, false);
  Bytes data;
  print.MegabytesPerSecond([&] {
    data = sealed;
    Check(records.Open(data), "the tag is wrong");
  });
}

bool RunOnBytes(const std::string& operation, const Print& print) {
  if (const char* cipher = After(operation, "seal:"); cipher != nullptr) {
    RecordCipher records(cipher);
    records.SetKey(Bytes(records.key_size(), 3), true);
    Bytes data(print.size, 'x');
    print.MegabytesPerSecond([&] { records.Seal(data); });
  } else if (const char* opened = After(operation, "open:"); opened != nullptr) {
    RunOpen(opened, print);
  } else if (const char* digest = After(operation, "digest:"); digest != nullptr) {
    const EvpMdPtr algorithm(EVP_MD_fetch(nullptr, digest, nullptr));
    const Bytes data(print.size, 'x');
    uint8_t out[EVP_MAX_MD_SIZE];
    print.MegabytesPerSecond(
        [&] { CheckOne(EVP_Digest(data.data(), data.size(), out, nullptr, algorithm.get(), nullptr), "digest"); });
  } else {
    return false;
  }
  return true;
}

// What client and server do together for a shared secret, their messages encoded and decoded as on the wire.
void ExchangeByEncapsulation(const char* group) {
  const EvpPkeyPtr client = NewKey(group);
  const Encapsulation server = Encapsulate(PublicHalf(client.get()).get());
  Check(Decapsulate(client.get(), server.ciphertext) == server.secret, "the secrets differ");
}

bool RunOnKeys(const std::string& operation, BytesView pem, const Print& print) {
  const Bytes message(130, 1);
  if (operation == "sign" || operation == "verify") {
    const EvpPkeyPtr key = ReadKey(pem);
    const Bytes signature = Sign(key.get(), message);
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
    print.PerSecond([&] { ExchangeByEncapsulation(group); });
  } else {
    return false;
  }
  return true;
}

}  // namespace

void RunPrimitive(const std::string& operation, size_t size, BytesView key, const Duration& duration) {
  const Print print = {.size = size, .duration = duration};
  if (size > 0 ? !RunOnBytes(operation, print) : !RunOnKeys(operation, key, print)) {
    Die("there is no such operation", operation);
  }
}

}  // namespace wasm_tls::bench
