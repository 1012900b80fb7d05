// engine_bench: measures the engine alone, two connections in one process, natively or in wasm.
//
//   engine_bench handshake --cert PEM --key PEM --ca PEM [--version 1.2] [--groups LIST] [--resumed 1]
//   engine_bench bulk      --cert PEM --key PEM --ca PEM --cipher NAME --chunk BYTES --direction up|down
//   engine_bench memory    --cert PEM --key PEM --ca PEM --connections COUNT
//   engine_bench primitive --operation NAME [--size BYTES] [--key PEM]
//   engine_bench timing    --operation NAME [--key PEM]
//
// --warmup and --seconds say how long. Keys and certificates come as text, since the wasm build has no files.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "bench/engine/check.h"
#include "bench/engine/jobs.h"
#include "src/library.h"

namespace wasm_tls::bench {

void Die(std::string_view what, std::string_view why) {
  std::fprintf(stderr, "engine_bench: %.*s%s%.*s\n", static_cast<int>(what.size()), what.data(),
               why.empty() ? "" : ": ", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

namespace {

bool FillRandom(uint8_t* out, size_t size) {
  constexpr size_t kMost = 256;  // that getentropy() gives at once
  for (size_t done = 0; done < size; done += kMost) {
    if (getentropy(out + done, std::min(kMost, size - done)) != 0) return false;
  }
  return true;
}

// The options of the command line, each a name and a value.
class Arguments {
 public:
  Arguments(int argc, char** argv) {
    Check(argc >= 2 && argc % 2 == 0, "usage: engine_bench handshake|bulk|memory|primitive|timing [--NAME VALUE]...");
    for (int i = 2; i < argc; i += 2) values_[argv[i]] = argv[i + 1];
  }

  std::string Text(const std::string& name, const char* otherwise = "") const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }

  double Number(const std::string& name, double otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : std::strtod(found->second.c_str(), nullptr);
  }

  size_t Count(const std::string& name) const {
    const double number = Number(name, 0);
    Check(number >= 1, name + " is missing");
    return static_cast<size_t>(number);
  }

 private:
  std::map<std::string, std::string> values_;
};

PairOptions PairOptionsFrom(const Arguments& arguments) {
  PairOptions options;
  options.version = arguments.Text("--version", "1.3") == "1.2" ? 0x0303 : 0x0304;
  options.groups = arguments.Text("--groups", "X25519");
  options.cipher_suites = arguments.Text("--cipher", "TLS_AES_128_GCM_SHA256");
  options.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
  options.cert = ToBytes(AsBytes(arguments.Text("--cert")));
  options.ca = ToBytes(AsBytes(arguments.Text("--ca")));
  const std::string key = arguments.Text("--key");
  options.key = SecretBytes(key.begin(), key.end());
  return options;
}

int Main(int argc, char** argv) {
  const Arguments arguments(argc, argv);
  const std::string_view job = argv[1];
  const PairOptions options = PairOptionsFrom(arguments);
  const Duration duration = {.warmup_s = arguments.Number("--warmup", 0.2),
                             .measured_s = arguments.Number("--seconds", 1)};
  Must(InitLibrary({.fill_random = FillRandom}), "OpenSSL");
  if (job == "handshake") {
    RunHandshakes(options, arguments.Number("--resumed", 0) != 0, duration);
  } else if (job == "bulk") {
    const bool up = arguments.Text("--direction", "up") == "up";
    RunBulk(options, arguments.Count("--chunk"), up ? Direction::kUp : Direction::kDown, duration);
  } else if (job == "memory") {
    RunMemory(options, arguments.Count("--connections"));
  } else if (job == "primitive") {
    RunPrimitive(arguments.Text("--operation"), static_cast<size_t>(arguments.Number("--size", 0)), options.key,
                 duration);
  } else if (job == "timing") {
    RunTiming(arguments.Text("--operation"), options.key, duration);
  } else {
    Die("there is no such job", job);
  }
  return 0;
}

}  // namespace
}  // namespace wasm_tls::bench

int main(int argc, char** argv) { return wasm_tls::bench::Main(argc, argv); }
