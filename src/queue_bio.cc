#include "queue_bio.h"

#include <algorithm>
#include <cstring>

namespace wasm_tls {
namespace {

struct Queues {
  ByteQueue* enc_in;
  ByteQueue* enc_out;
};

Queues* QueuesOf(BIO* bio) { return static_cast<Queues*>(BIO_get_data(bio)); }

int Destroy(BIO* bio) {
  delete QueuesOf(bio);
  BIO_set_data(bio, nullptr);
  return 1;
}

int Read(BIO* bio, char* out, size_t size, size_t* done) {
  BIO_clear_retry_flags(bio);
  ByteQueue& queue = *QueuesOf(bio)->enc_in;
  *done = std::min(size, queue.size());
  if (*done == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(out, queue.view().data(), *done);
  queue.Consume(*done);
  return 1;
}

int Write(BIO* bio, const char* in, size_t size, size_t* done) {
  BIO_clear_retry_flags(bio);
  QueuesOf(bio)->enc_out->Append(AsBytes({in, size}));
  *done = size;
  return 1;
}

// libssl flushes after each flight and asks for nothing else that matters here.
long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* Method() {
  static const BioMethodPtr method = [] {
    BioMethodPtr m(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "queue"));
    if (m != nullptr) {
      BIO_meth_set_read_ex(m.get(), Read);
      BIO_meth_set_write_ex(m.get(), Write);
      BIO_meth_set_ctrl(m.get(), Control);
      BIO_meth_set_destroy(m.get(), Destroy);
    }
    return m;
  }();
  return method.get();
}

}  // namespace

BioPtr NewQueueBio(ByteQueue* enc_in, ByteQueue* enc_out) {
  const BIO_METHOD* method = Method();
  BioPtr bio(method == nullptr ? nullptr : BIO_new(method));
  if (bio != nullptr) {
    BIO_set_data(bio.get(), new Queues{enc_in, enc_out});
    BIO_set_init(bio.get(), 1);
  }
  return bio;
}

}  // namespace wasm_tls
