// What a transfer allocates: a few buffers for each time that bytes cross, whatever the number of records in them, and
// for a record no more than libssl's own notes, of some dozen bytes. What it leaves behind: nothing.
#include <gtest/gtest.h>
#include <sanitizer/allocator_interface.h>

#include "test/engine/support/scenario.h"

namespace wasm_tls {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

constexpr size_t kRecord = 16384;
constexpr size_t kRecords = 64;

constexpr size_t kLargestNote = 128;
constexpr size_t kNotesOfRecord = 3;

struct Allocations {
  size_t notes = 0;
  size_t buffers = 0;
};

Allocations seen;

// What `work` allocates.
template <class Work>
Allocations AllocationsOf(const Work& work) {
  static const int installed = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void* /*block*/, size_t size) { ++(size > kLargestNote ? seen.buffers : seen.notes); },
      [](const volatile void* /*block*/) {});
  EXPECT_NE(installed, 0);
  seen = {};
  work();
  return seen;
}

void ExpectFew(const Allocations& allocations) {
  EXPECT_LT(allocations.buffers, kRecords / 4);
  EXPECT_LE(allocations.notes, kNotesOfRecord * kRecords + kRecords / 8);
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
  ExpectFew(AllocationsOf([&] { pair.subject->Advance(); }));
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
  ExpectFew(AllocationsOf([&] { pair.subject->Advance(); }));
  EXPECT_EQ(pair.subject->clear_out().size(), data.size());
}

// What stays is less than four records; libssl alone would keep two more.
TEST_P(ConnectionAllocationTest, GivesItsBuffersBackWhenItIsIdle) {
  Pair pair(mode(), OneCallForAll());
  pair.Run();
  const Bytes data = Pattern(kRecords * kRecord);
  pair.subject.Write(data);
  pair.peer.Write(data);
  pair.Run();
  const size_t before = __sanitizer_get_current_allocated_bytes();
  pair.subject.Destroy();
  EXPECT_LT(before - __sanitizer_get_current_allocated_bytes(), 4 * kRecord);
}

}  // namespace
}  // namespace wasm_tls
