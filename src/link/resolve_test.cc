// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "link/test_support.h"

namespace ring3::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Resolve, AsksOnceForEachUndefinedNameInOrder) {
  TestModule module;
  uint32_t data = module.elf.data(".data", std::string(16, '\0'));
  uint32_t b = module.elf.undefined("b");
  module.elf.undefined("a");
  module.elf.rela(data, 0, R_X86_64_64, b);
  module.elf.rela(data, 8, R_X86_64_64, b);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_THAT(module.resolver.asked, ElementsAre("b", "a"));
  EXPECT_EQ(module.image->symbols[b].value, module.resolver.address("b").value);
  EXPECT_EQ(module.value<uint64_t>(".data", 8), module.resolver.address("b").value);
}

TEST(Resolve, TellsEveryUnknownSymbolAndReturnsTheLastError) {
  TestModule module;
  for (const char* name : {"one", "fine", "two", "three"}) module.elf.undefined(name);
  module.resolver.unknown = {{"one", ENOENT}, {"two", ENOENT}, {"three", EINVAL}};
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, EINVAL);
  EXPECT_EQ(module.error.text, "hello: Unknown symbol three (err -22)");
  EXPECT_THAT(module.log.warnings, ElementsAre("hello: Unknown symbol one (err -2)",
                                               "hello: Unknown symbol two (err -2)",
                                               "hello: Unknown symbol three (err -22)"));
  EXPECT_THAT(module.log.errors, IsEmpty());
}

TEST(Resolve, AWeakSymbolThatNobodyHasIsZero) {
  TestModule module;
  uint32_t data = module.elf.data(".data", std::string(8, '\0'));
  uint32_t weak = module.elf.undefined("maybe", STB_WEAK);
  module.resolver.unknown["maybe"] = ENOENT;
  module.elf.rela(data, 0, R_X86_64_64, weak);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.value<uint64_t>(".data", 0), 0u);
  EXPECT_THAT(module.log.warnings, IsEmpty());
}

TEST(Resolve, IgnoresTheGlobalOffsetTable) {
  TestModule module;
  module.elf.undefined("_GLOBAL_OFFSET_TABLE_");
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_THAT(module.resolver.asked, IsEmpty());
}

TEST(Resolve, RefusesCommonSymbols) {
  TestModule module;
  module.elf.symbol("shared", SHN_COMMON, 8, 8);
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, ENOEXEC);
  EXPECT_THAT(module.log.warnings, ElementsAre("hello: please compile with -fno-common"));
}

TEST(Resolve, RefusesABadSectionIndex) {
  TestModule module;
  module.elf.symbol("lost", 77);
  module.elf.undefined("asked_all_the_same");
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, ENOEXEC);
  unsigned count = module.file.header().e_shnum;
  EXPECT_THAT(module.log.errors,
              ElementsAre("hello: Symbol lost has an invalid section index 77 (max " +
                          std::to_string(count - 1) + ")"));
  EXPECT_THAT(module.resolver.asked, ElementsAre("asked_all_the_same"));
}

TEST(Resolve, AbsoluteSymbolsKeepTheirValue) {
  TestModule module;
  uint32_t data = module.elf.data(".data", std::string(8, '\0'));
  module.elf.rela(data, 0, R_X86_64_64, module.elf.symbol("abs", SHN_ABS, 0x1234), 1);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.value<uint64_t>(".data", 0), 0x1235u);
}

TEST(Resolve, LivepatchSymbolsAreLeftForLater) {
  TestModule module;
  uint32_t symbol = module.elf.symbol(".klp.sym.vmlinux.f,0", 0xff20, 5);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.image->symbols[symbol].value, 5u);
}

}  // namespace
}  // namespace ring3::link
