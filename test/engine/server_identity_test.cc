#include "src/server_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wasm_tls {
namespace {

using testing::ElementsAre;
using testing::Optional;

std::optional<std::string> CheckAlt(std::string_view hostname, std::string_view alt_names) {
  return CheckServerIdentity(hostname, hostname, {.subject_alt_name = std::string(alt_names), .common_names = {}});
}

std::optional<std::string> CheckCn(std::string_view hostname, std::vector<std::string> common_names) {
  return CheckServerIdentity(
      hostname, hostname,
      {.subject_alt_name = std::nullopt, .common_names = std::move(common_names), .has_subject = true});
}

TEST(ServerIdentity, MatchesNames) {
  EXPECT_EQ(CheckAlt("a.com", "DNS:a.com"), std::nullopt);
  EXPECT_EQ(CheckAlt("a.com.", "DNS:a.com"), std::nullopt);
  EXPECT_EQ(CheckAlt("a.com", "DNS:a.com."), std::nullopt);
  EXPECT_EQ(CheckAlt("A.Com", "DNS:a.cOM"), std::nullopt);
  EXPECT_EQ(CheckAlt("b.com", "DNS:a.com, DNS:b.com"), std::nullopt);
}

TEST(ServerIdentity, TellsWhyANameDoesNotMatch) {
  EXPECT_EQ(CheckAlt("b.com", "DNS:a.com, DNS:c.com"),
            "Host: b.com. is not in the cert's altnames: DNS:a.com, DNS:c.com");
  EXPECT_EQ(CheckAlt("b.com.", "DNS:a.com"), "Host: b.com. is not in the cert's altnames: DNS:a.com");
  EXPECT_EQ(CheckAlt("a.com", "URI:http://a.com/"), "Cert does not contain a DNS name");
}

TEST(ServerIdentity, AWildcardStandsForAPartOfTheFirstLabel) {
  EXPECT_EQ(CheckAlt("b.a.com", "DNS:*.a.com"), std::nullopt);
  EXPECT_EQ(CheckAlt("bcd.a.com", "DNS:b*d.a.com"), std::nullopt);
  EXPECT_EQ(CheckAlt("bd.a.com", "DNS:b*d.a.com"), std::nullopt);
  for (const auto& [host, pattern] : std::vector<std::pair<std::string, std::string>>{
           {"a.com", "*.com"},
           {"a.com", "*"},
           {"a.com", "*.a.com"},
           {"c.b.a.com", "*.a.com"},
           {"b.a.com", "b.*.com"},
           {"b.a.com", "*.*.com"},
           {"bcd.a.com", "*c*.a.com"},
           {"b.a.com", "bb*b.a.com"},
           {"xn--b.a.com", "xn--*.a.com"},
           {"b.a.com", "*..com"},
           {".a.com", ".a.com"},
       }) {
    EXPECT_NE(CheckAlt(host, "DNS:" + pattern), std::nullopt) << host << " " << pattern;
  }
  EXPECT_EQ(CheckAlt("xn--bcher-kva.a.com", "DNS:*.a.com"), std::nullopt);
  EXPECT_EQ(CheckAlt("xn--bcher-kva.com", "DNS:xn--bcher-kva.com"), std::nullopt);
}

TEST(ServerIdentity, NamesWithOddCharactersNeverMatch) {
  for (const std::string_view name : {"a b.com", "a\x01.com", "\xc3\xbc.com", "a\tb.com"}) {
    EXPECT_NE(CheckAlt(name, "DNS:" + std::string(name)), std::nullopt);
  }
}

TEST(ServerIdentity, NamesAreComparedInAscii) {
  const auto check = [](std::string_view hostname, std::string_view ascii, std::string_view alt_names) {
    return CheckServerIdentity(hostname, ascii, {.subject_alt_name = std::string(alt_names), .common_names = {}});
  };
  EXPECT_EQ(check("bücher.de", "xn--bcher-kva.de", "DNS:xn--bcher-kva.de"), std::nullopt);
  // To IDNA, '。' is a dot.
  EXPECT_EQ(check("foo。bar.example.com", "foo.bar.example.com", "DNS:*.example.com"),
            "Host: foo。bar.example.com. is not in the cert's altnames: DNS:*.example.com");
  EXPECT_EQ(check("no domain", "", "DNS:*.a.com"), "Host: no domain. is not in the cert's altnames: DNS:*.a.com");
  EXPECT_EQ(check("::1", "", "IP Address:::1"), std::nullopt);
}

TEST(ServerIdentity, APlainNameMatchesItself) {
  for (const std::string name : {"a.com", "localhost", "A-b.1c.x2", "1.a", "xn--bcher-kva.com"}) {
    EXPECT_TRUE(IsPlainDomainName(name)) << name;
    EXPECT_EQ(CheckAlt(name, "IP Address:127.0.0.1, DNS:b.com, DNS:" + name), std::nullopt) << name;
  }
  for (const std::string name : {"", ".", "a.", ".a", "a..b", "a b", "*.a.com", "b\u00fccher.com", "a\n", "127.0.0.1",
                                 "a.1", "a.-b", "::1", "1"}) {
    EXPECT_FALSE(IsPlainDomainName(name)) << name;
  }
}

TEST(ServerIdentity, AddressesMatchAddressesAlone) {
  EXPECT_EQ(CheckAlt("127.0.0.1", "IP Address:127.0.0.1"), std::nullopt);
  EXPECT_EQ(CheckAlt("::1", "IP Address:0:0:0:0:0:0:0:1"), std::nullopt);
  EXPECT_EQ(CheckAlt("8.8.8.8", "DNS:8.8.8.8"), "IP: 8.8.8.8 is not in the cert's list: ");
  EXPECT_EQ(CheckAlt("8.8.8.8", "IP Address:0:0:0:0:0:0:0:1, IP Address:8.8.4.4, IP Address:junk"),
            "IP: 8.8.8.8 is not in the cert's list: ::1, 8.8.4.4, ");
  EXPECT_EQ(CheckCn("8.8.8.8", {"8.8.8.8"}), "IP: 8.8.8.8 is not in the cert's list: ");
}

TEST(ServerIdentity, TheCommonNameCountsWithoutDnsNames) {
  EXPECT_EQ(CheckCn("a.com", {"a.com"}), std::nullopt);
  EXPECT_EQ(CheckCn("b.a.com", {"*.a.com"}), std::nullopt);
  EXPECT_EQ(CheckCn("a.com", {"b.com", "a.com"}), std::nullopt);
  EXPECT_EQ(CheckCn("a.com", {"b.com"}), "Host: a.com. is not cert's CN: b.com");
  EXPECT_EQ(CheckCn("a.com", {"b.com", "c.com"}), "Host: a.com. is not cert's CN: b.com,c.com");
  EXPECT_EQ(CheckCn("a.com", {}), "Cert does not contain a DNS name");
  EXPECT_EQ(CheckCn("a.com", {""}), "Host: a.com. is not cert's CN: ");
  EXPECT_EQ(CheckServerIdentity("a.com", "a.com", {.subject_alt_name = "DNS:b.com", .common_names = {"a.com"}}),
            "Host: a.com. is not in the cert's altnames: DNS:b.com");
  EXPECT_EQ(
      CheckServerIdentity("a.com", "a.com", {.subject_alt_name = "IP Address:1.1.1.1", .common_names = {"a.com"}}),
      std::nullopt);
}

TEST(ServerIdentity, QuotedNamesAreReadAsOneName) {
  EXPECT_NE(CheckAlt("evil.com", R"(DNS:"good.com\u002c DNS:evil.com")"), std::nullopt);
  EXPECT_EQ(CheckAlt("a.com", R"(DNS:"a\u002ecom", DNS:b.com)"), std::nullopt);
  EXPECT_EQ(CheckAlt("b.com", R"(DNS:"a\u002ecom", DNS:b.com)"), std::nullopt);
  EXPECT_EQ(CheckAlt("a.com", R"(DNS:"a.com)"), kMalformedAltNames);
  EXPECT_EQ(CheckAlt("a.com", R"(DNS:"a\x.com")"), kMalformedAltNames);
}

TEST(ServerIdentity, SplitsAlternativeNames) {
  EXPECT_THAT(SplitAltNames("DNS:a, DNS:b"), Optional(ElementsAre("DNS:a", "DNS:b")));
  EXPECT_THAT(SplitAltNames("DNS:a,DNS:b"), Optional(ElementsAre("DNS:a,DNS:b")));
  EXPECT_THAT(SplitAltNames(R"(DNS:"a, b", URI:"x"y, DNS:c)"), Optional(ElementsAre("DNS:a, b", "URI:xy", "DNS:c")));
  EXPECT_EQ(SplitAltNames("\"a"), std::nullopt);
  EXPECT_THAT(SplitAltNames("\"a\","), Optional(ElementsAre("a", "")));
}

}  // namespace
}  // namespace wasm_tls
