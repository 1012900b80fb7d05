// What a transfer allocates: a few buffers for each time that bytes cross, whatever the number of records in them.
// libssl's own notes of some dozen bytes, of which it makes up to three for a record, do not count.
#include <gtest/gtest.h>
#include <sanitizer/allocator_interface.h>

#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

constexpr size_t kRecord = 16384;
constexpr size_t kRecords = 64;

constexpr size_t kLeastBuffer = 1024;

size_t buffers;

// How many buffers `work` allocates.
template <class Work>
size_t BuffersOf(const Work& work) {
  static const int installed = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void* /*block*/, size_t size) { buffers += size >= kLeastBuffer ? 1 : 0; },
      [](const volatile void* /*block*/) {});
  EXPECT_NE(installed, 0);
  const size_t before = buffers;
  work();
  return buffers - before;
}

class ConnectionAllocationTest : public ConnectionTest {};
WASM_TLS_ALL_MODES(ConnectionAllocationTest);

ConnectionOptions OneCallForAll() {
  ConnectionOptions options;
  options.clear_out_limit = 2 * kRecords * kRecord;
  options.enc_out_limit = 2 * kRecords * kRecord;
  return options;
}

TEST_P(ConnectionAllocationTest, SealsManyRecordsInAFewBuffers) {
  Pair pair(mode(), OneCallForAll());
  pair.Run();
  const Bytes data = Pattern(kRecords * kRecord);
  pair.subject.Write(data);
  EXPECT_LT(BuffersOf([&] { pair.subject->Advance(); }), kRecords / 8);
  EXPECT_EQ(SplitRecords(pair.subject->enc_out()).size(), kRecords);
  pair.Run();
  EXPECT_EQ(pair.peer.received(), data);
}

TEST_P(ConnectionAllocationTest, OpensManyRecordsInAFewBuffers) {
  Pair pair(mode(), OneCallForAll());
  pair.Run();
  const Bytes data = Pattern(kRecords * kRecord);
  pair.peer.Write(data);
  pair.peer.Advance();
  pair.subject.Receive(pair.peer.Send());
  EXPECT_LT(BuffersOf([&] { pair.subject->Advance(); }), kRecords / 8);
  EXPECT_EQ(pair.subject->clear_out().size(), data.size());
}

}  // namespace
}  // namespace wasm_tls
