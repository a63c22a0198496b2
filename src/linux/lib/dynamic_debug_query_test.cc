// SPDX-License-Identifier: GPL-2.0-only
#include "linux/lib/dynamic_debug_query.h"

#include <gtest/gtest.h>

namespace ring3::kernel {
namespace {

TEST(Wildcards, MatchTheWholeText) {
  EXPECT_TRUE(matches_wildcard("*", ""));
  EXPECT_TRUE(matches_wildcard("a*c", "abbc"));
  EXPECT_TRUE(matches_wildcard("*b*", "abc"));
  EXPECT_TRUE(matches_wildcard("?b?", "abc"));
  EXPECT_TRUE(matches_wildcard("a*bc", "abcabc"));
  EXPECT_FALSE(matches_wildcard("", "a"));
  EXPECT_FALSE(matches_wildcard("a?", "a"));
  EXPECT_FALSE(matches_wildcard("a*c", "abcd"));
}

TEST(DebugQueries, FlagsAreAddedTakenAwayOrSet) {
  struct Row {
    const char* text;
    unsigned before, after;
  };
  for (const Row& row : {Row{"+p", 2, 3}, Row{"-m", 3, 1}, Row{"=f", 3, 4}, Row{"=_", 3, 0}}) {
    auto query = read_debug_query(row.text, nullptr);
    ASSERT_TRUE(query) << row.text;
    EXPECT_EQ(query->new_flags(row.before), row.after) << row.text;
  }
}

TEST(DebugQueries, AFileMayCarryLinesOrAFunction) {
  auto lines = read_debug_query("file a.c:10-20 +p", nullptr);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->file, "a.c");
  EXPECT_EQ(lines->first_line, 10u);
  EXPECT_EQ(lines->last_line, 20u);
  auto function = read_debug_query("file a.c:run +p", nullptr);
  ASSERT_TRUE(function);
  EXPECT_EQ(function->function, "run");
}

TEST(DebugQueries, TheModuleIsTheOneGivenUnlessTheQuerySays) {
  EXPECT_EQ(read_debug_query("+p", "mine")->module, "mine");
  EXPECT_EQ(read_debug_query("module other +p", "mine")->module, "other");
  EXPECT_FALSE(read_debug_query("+p", nullptr)->module);
}

TEST(DebugQueries, WhatCannotBeReadIsRefused) {
  for (const char* text : {"", "p", "+z", "module +p", "func a func b +p", "line 5-3 +p",
                           "line 0x5 +p", "color red +p", "'open +p", "a b c d e f g h i +p"})
    EXPECT_FALSE(read_debug_query(text, nullptr)) << text;
}

}  // namespace
}  // namespace ring3::kernel
