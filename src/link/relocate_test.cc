// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "link/test_support.h"
#include "link/x86_64/relocation_kinds.h"

namespace ring3::link {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr uint64_t kOffset = 4;

// One relocation of `type` at .data+4 to an absolute symbol.
struct OneRelocation : TestModule {
  OneRelocation(uint32_t type, uint64_t value, int64_t addend,
                std::string content = std::string(16, '\0')) {
    uint32_t data = elf.data(".data", content);
    elf.rela(data, kOffset, type, elf.symbol("s", SHN_ABS, value), addend);
  }
  uint64_t place() const { return address(".data") + kOffset; }
};

TEST(Relocate, None) {
  OneRelocation module(R_X86_64_NONE, 5, 5, "0123456789abcdef");
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.bytes(".data"), "0123456789abcdef");
}

TEST(Relocate, Absolute64) {
  OneRelocation module(R_X86_64_64, 0x1122334455667788, -8);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.value<uint64_t>(".data", kOffset), 0x1122334455667780u);
  EXPECT_EQ(module.value<uint32_t>(".data", kOffset + 8), 0u);
}

TEST(Relocate, Absolute32) {
  OneRelocation module(R_X86_64_32, 0xfffffff0, 15);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.value<uint32_t>(".data", kOffset), 0xffffffffu);
  EXPECT_EQ(module.value<uint32_t>(".data", kOffset + 4), 0u);
}

TEST(Relocate, Signed32) {
  OneRelocation module(R_X86_64_32S, ~0ull, -1);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.value<int32_t>(".data", kOffset), -2);
  EXPECT_EQ(module.value<uint32_t>(".data", kOffset + 4), 0u);
}

TEST(Relocate, PcRelative32) {
  for (uint32_t type : {R_X86_64_PC32, R_X86_64_PLT32}) {
    OneRelocation module(type, 0x100, -4);
    ASSERT_TRUE(module.link()) << module.error.text;
    EXPECT_EQ(module.value<int32_t>(".data", kOffset),
              static_cast<int32_t>(0x100 - 4 - static_cast<int64_t>(module.place())));
    EXPECT_EQ(module.value<uint32_t>(".data", kOffset + 4), 0u);
  }
}

TEST(Relocate, PcRelative64) {
  OneRelocation module(R_X86_64_PC64, 0x7fff'ffff'ffff, 1);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.value<uint64_t>(".data", kOffset), 0x8000'0000'0000 - module.place());
}

TEST(Relocate, ToASymbolOfTheModule) {
  TestModule module;
  uint32_t text = module.elf.text(".text", code("90 e8 00000000"));
  uint32_t data = module.elf.data(".data", "12345678");
  module.elf.rela(text, 2, R_X86_64_PC32,
                  module.elf.symbol("there", static_cast<uint16_t>(data), 3), -4);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.address(".text") + 6 +
                static_cast<uint64_t>(int64_t{module.value<int32_t>(".text", 2)}),
            module.address(".data") + 3);
}

TEST(Relocate, OverflowIsToldInLinuxsWords) {
  struct Row {
    uint32_t type;
    uint64_t value;
    const char* line;
  };
  for (const Row& row : {
           Row{R_X86_64_32, 0x1'0000'0000, "module: overflow in relocation type 10 val 100000000"},
           Row{R_X86_64_32, ~0ull, "module: overflow in relocation type 10 val ffffffffffffffff"},
           Row{R_X86_64_32S, 0x8000'0000, "module: overflow in relocation type 11 val 80000000"},
           Row{R_X86_64_32S, ~0x8000'0000ull,
               "module: overflow in relocation type 11 val ffffffff7fffffff"},
       }) {
    OneRelocation module(row.type, row.value, 0);
    EXPECT_FALSE(module.link());
    EXPECT_EQ(module.error.code, ENOEXEC);
    EXPECT_THAT(module.log.errors,
                ElementsAre(row.line, "module: `hello' likely not compiled with -mcmodel=kernel"));
    EXPECT_THAT(module.error.text, HasSubstr(".rela.data entry 0"));
  }
}

// Linux would cut the value; a branch to nowhere helps nobody.
TEST(Relocate, PcRelativeThatDoesNotReachIsRefused) {
  for (uint32_t type : {R_X86_64_PC32, R_X86_64_PLT32}) {
    OneRelocation module(type, 0x5555'5555'5555, -4);
    EXPECT_FALSE(module.link());
    EXPECT_EQ(module.error.code, ENOEXEC);
    ASSERT_EQ(module.log.errors.size(), 2u);
    EXPECT_THAT(module.log.errors[0], HasSubstr("module: overflow in relocation type"));
  }
}

TEST(Relocate, APlaceThatIsNotZeroIsRefused) {
  for (uint32_t type :
       {R_X86_64_64, R_X86_64_32, R_X86_64_32S, R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_PC64}) {
    bool wide = type == R_X86_64_64 || type == R_X86_64_PC64;
    std::string content(16, '\0');
    content[kOffset + (wide ? 7 : 3)] = 1;
    OneRelocation module(type, 0x20, 0, content);
    EXPECT_FALSE(module.link()) << type;
    EXPECT_EQ(module.error.code, ENOEXEC);
    EXPECT_THAT(module.log.errors,
                ElementsAre(MatchesRegex(
                    "module: x86/modules: Skipping invalid relocation target, existing value is "
                    "nonzero for type " +
                    std::to_string(type) + ", loc [0-9a-f]{16}, val [0-9a-f]+")));

    // The byte behind does not matter.
    std::string behind(16, '\0');
    behind[kOffset + (wide ? 8 : 4)] = 1;
    OneRelocation fine(type, 0x20, 0, behind);
    EXPECT_TRUE(fine.link()) << fine.error.text;
  }
}

TEST(Relocate, AllOtherTypesAreUnknown) {
  for (uint32_t type = 0; type < 64; type++) {
    bool known =
        type == 0 || type == 1 || type == 2 || type == 4 || type == 10 || type == 11 || type == 24;
    EXPECT_EQ(x86_64::relocation_kind(type) != nullptr, known) << type;
    if (known) continue;
    OneRelocation module(type, 0, 0);
    EXPECT_FALSE(module.link()) << type;
    EXPECT_EQ(module.error.code, ENOEXEC);
    EXPECT_THAT(module.log.errors,
                ElementsAre("module: hello: Unknown rela relocation: " + std::to_string(type)));
  }
}

TEST(Relocate, SectionsOutOfMemoryAreSkipped) {
  TestModule module;
  uint32_t debug = module.elf.section(".debug_info", SHT_PROGBITS, 0, "not zero");
  module.elf.rela(debug, 0, 99, module.elf.symbol("s", SHN_ABS, ~0ull));
  ASSERT_TRUE(module.link()) << module.error.text;
}

TEST(Relocate, IntoBss) {
  TestModule module;
  uint32_t bss = module.elf.bss(".bss", 16);
  module.elf.rela(bss, 8, R_X86_64_64, module.elf.symbol("s", SHN_ABS, 7));
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.value<uint64_t>(".bss", 8), 7u);
}

}  // namespace
}  // namespace ring3::link
