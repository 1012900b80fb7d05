#include "src/ip_address.h"

#include <gtest/gtest.h>

#include <utility>

namespace wasm_tls {
namespace {

TEST(IpAddress, HasOneWayToBeWritten) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"127.0.0.1", "127.0.0.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"::", "::"},
      {"2001:DB8:0:0:0:0:0:ABCD", "2001:db8::abcd"},
      {"2001:0db8::0001:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"1::", "1::"},
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"::192.0.2.1", "::192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"fe80::1%eth0", "fe80::1"},
  };
  for (const auto& [text, canonical] : kCases) EXPECT_EQ(CanonicalIpAddress(text), canonical) << text;
}

TEST(IpAddress, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "localhost",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "256.1.1.1",
                                      "01.2.3.4",
                                      "1.2.3.",
                                      ".1.2.3",
                                      "1.2.3.4 ",
                                      "1..2.3",
                                      ":",
                                      ":::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "1::2::3",
                                      "12345::",
                                      "g::",
                                      "::1%",
                                      "::1%a b",
                                      "1.2.3.4::",
                                      "::1.2.3",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "[::1]",
                                      "1.2.3.4%eth0",
                                      "::1:"}) {
    EXPECT_FALSE(IsIpAddress(text)) << text;
  }
}

}  // namespace
}  // namespace wasm_tls
