#include "src/json_string.h"

#include <gtest/gtest.h>

namespace wasm_tls {
namespace {

TEST(JsonString, MeasuresAWholeLiteral) {
  EXPECT_EQ(JsonStringLength(R"("")"), 2U);
  EXPECT_EQ(JsonStringLength(R"("abc", "d")"), 5U);
  EXPECT_EQ(JsonStringLength(R"("a\"b\\" rest)"), 8U);
  EXPECT_EQ(JsonStringLength(R"("\u002C\n\/")"), 12U);
  EXPECT_EQ(JsonStringLength("\"\x7f\xc3\xbc\""), 5U);
}

TEST(JsonString, RefusesWhatIsNoLiteral) {
  for (const std::string_view text :
       {"", "abc", "\"", "\"abc", R"("\")", R"("\x")", R"("\u12")", R"("\u123g")", "\"a\nb\"", R"("abc\)"}) {
    EXPECT_EQ(JsonStringLength(text), 0U) << text;
  }
}

TEST(JsonString, UndoesEscapes) {
  EXPECT_EQ(DecodeJsonString(R"("a\u002cb")"), "a,b");
  EXPECT_EQ(DecodeJsonString(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(DecodeJsonString(R"("\u00fc\u20AC")"), "ü€");
  EXPECT_EQ(DecodeJsonString(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(DecodeJsonString(R"("")"), "");
}

TEST(JsonString, JoinsSurrogatesAndReplacesLoneOnes) {
  EXPECT_EQ(DecodeJsonString(R"("\ud83d\ude00")"), "😀");
  EXPECT_EQ(DecodeJsonString(R"("\ud83dx")"), "\uFFFDx");
  EXPECT_EQ(DecodeJsonString(R"("\ude00\ud83d")"), "\uFFFD\uFFFD");
}

}  // namespace
}  // namespace wasm_tls
