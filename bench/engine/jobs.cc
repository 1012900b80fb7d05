#include "bench/engine/jobs.h"

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/engine/check.h"
#include "bench/engine/clock.h"
#include "src/connection_info.h"

namespace wasm_tls::bench {
namespace {

// The clock is looked at once per this many bytes: small writes are not to measure it.
constexpr size_t kBytesPerLook = size_t{256} * 1024;

// What was negotiated, so that the reader of the figure need not believe what was asked for.
std::string Negotiated(const Connection& connection) {
  const std::optional<CipherInfo> cipher = CurrentCipher(connection);
  return R"("protocol":")" + Protocol(connection) + R"(","cipher":")" + (cipher ? cipher->name : "") +
         R"(","group":")" + GroupName(connection) + '"';
}

SecretBytes SessionToResume(const Contexts& contexts) {
  Pair first(contexts, {}, KeepSession::kYes);
  first.Handshake();
  Check(!first.session().empty(), "the server gave no session");
  return first.session();
}

size_t AllocatedBytes() {
#ifdef __EMSCRIPTEN__
  return static_cast<size_t>(mallinfo().uordblks);
#else
  // Blocks above the mmap threshold are counted apart.
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

}  // namespace

void RunHandshakes(const PairOptions& options, bool resumed, const Duration& duration) {
  const Contexts contexts(options);
  const SecretBytes session = resumed ? SessionToResume(contexts) : SecretBytes();

  Pair probe(contexts, session);
  probe.Handshake();
  Check(SessionReused(probe.client()) == resumed, "resumption is not as asked for");
  Check(VerifyResult(probe.client()) == X509_V_OK, "the certificate was not verified");

  const Measurement done = Measure(duration, [&] {
    Pair pair(contexts, session);
    pair.Handshake();
  });
  std::printf("{\"value\":%.2f,%s}\n", static_cast<double>(done.times) / done.seconds,
              Negotiated(probe.client()).c_str());
}

void RunBulk(const PairOptions& options, size_t chunk, Direction direction, const Duration& duration) {
  const Contexts contexts(options);
  Pair pair(contexts);
  pair.Handshake();
  Connection& from = direction == Direction::kUp ? pair.client() : pair.server();
  Connection& to = direction == Direction::kUp ? pair.server() : pair.client();

  const Bytes payload(chunk, 'x');
  const size_t writes = std::max<size_t>(1, kBytesPerLook / chunk);
  const Measurement done = Measure(duration, [&] {
    for (size_t i = 0; i < writes; ++i) pair.Send(from, to, payload);
  });
  const double bytes = static_cast<double>(done.times) * static_cast<double>(writes * chunk);
  std::printf("{\"value\":%.3f,%s}\n", bytes / done.seconds / 1e6, Negotiated(from).c_str());
}

void RunMemory(const PairOptions& options, size_t count) {
  const Contexts contexts(options);
  // The first connection fills OpenSSL's caches of algorithms.
  Pair(contexts).Handshake();

  std::vector<std::unique_ptr<Pair>> pairs(count);
  const size_t before = AllocatedBytes();
  for (std::unique_ptr<Pair>& pair : pairs) {
    pair = std::make_unique<Pair>(contexts);
    pair->Handshake();
  }
  const size_t bytes = AllocatedBytes() - before;
  std::printf("{\"value\":%zu,\"malloc\":%zu,%s}\n", bytes / count, bytes / count,
              Negotiated(pairs.front()->client()).c_str());
}

}  // namespace wasm_tls::bench
