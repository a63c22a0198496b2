// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "link/test_support.h"

namespace ring3::link {
namespace {

using testing::ElementsAre;

constexpr uint32_t kWrite = SHF_ALLOC | SHF_WRITE;

Region region_of(const TestModule& module, std::string_view name) {
  for (size_t i = 0; i < module.image->section_names.size(); i++)
    if (module.image->section_names[i] == name) return module.image->sections[i].region;
  return Region::kCount;
}

// "rw-p" of the mapping that holds the address, from the host's own list.
std::string protection(uint64_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    uint64_t begin = 0, end = 0;
    char flags[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, flags) == 3 && address >= begin &&
        address < end)
      return flags;
  }
  return "none";
}

TEST(Layout, GroupsSectionsAsLinuxDoes) {
  TestModule module;
  module.elf.text(".text", "\xc3");
  module.elf.text(".exit.text", "\xc3");
  module.elf.text(".init.text", "\xc3");
  module.elf.rodata(".rodata", "r");
  module.elf.rodata(".init.rodata", "r");
  module.elf.data(".data..ro_after_init", "once");
  module.elf.data(".init.data", "i");
  module.elf.bss(".bss", 100);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(region_of(module, ".text"), Region::kText);
  EXPECT_EQ(region_of(module, ".exit.text"), Region::kText);
  EXPECT_EQ(region_of(module, ".init.text"), Region::kInitText);
  EXPECT_EQ(region_of(module, ".rodata"), Region::kRodata);
  EXPECT_EQ(region_of(module, ".init.rodata"), Region::kInitRodata);
  EXPECT_EQ(region_of(module, ".data..ro_after_init"), Region::kRoAfterInit);
  EXPECT_EQ(region_of(module, ".init.data"), Region::kInitData);
  EXPECT_EQ(region_of(module, ".bss"), Region::kData);
  EXPECT_EQ(region_of(module, ".gnu.linkonce.this_module"), Region::kData);
  EXPECT_EQ(module.bytes(".data..ro_after_init"), "once");
  EXPECT_EQ(module.bytes(".bss"), std::string(100, '\0'));
}

TEST(Layout, JumpTableIsReadOnlyAfterInit) {
  TestModule module;
  module.elf.data("__jump_table", "");
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(region_of(module, "__jump_table"), Region::kRoAfterInit);
}

TEST(Layout, LeavesModinfoVersionsAndUnallocatedSectionsOut) {
  TestModule module;
  module.elf.version("_printk", 1);
  module.elf.section(".comment", SHT_PROGBITS, 0, "gcc");
  ASSERT_TRUE(module.link()) << module.error.text;
  for (const char* name : {".modinfo", "__versions", ".comment"}) {
    EXPECT_EQ(region_of(module, name), Region::kCount) << name;
    EXPECT_FALSE(module.image->section_address(name)) << name;
  }
}

TEST(Layout, HonoursAlignmentAndFileOrder) {
  TestModule module;
  module.elf.section(".data.a", SHT_PROGBITS, kWrite, "abc", 1);
  module.elf.section(".data.b", SHT_PROGBITS, kWrite, "d", 64);
  module.elf.section(".data.c", SHT_PROGBITS, kWrite, "e", 0);
  ASSERT_TRUE(module.link()) << module.error.text;
  uint64_t data = module.image->regions[static_cast<size_t>(Region::kData)].base.value;
  EXPECT_EQ(module.address(".gnu.linkonce.this_module"), data);
  EXPECT_EQ(module.address(".data.a"), data + 128);
  EXPECT_EQ(module.address(".data.b"), data + 192);
  EXPECT_EQ(module.address(".data.c"), data + 193);
}

TEST(Layout, RefusesWritableCodeInLinuxsWords) {
  TestModule module;
  module.elf.section(".evil", SHT_PROGBITS, SHF_WRITE | SHF_EXECINSTR, "\xc3");
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, ENOEXEC);
  EXPECT_THAT(module.log.errors,
              ElementsAre("hello: section .evil (index 2) has invalid WRITE|EXEC flags"));
}

TEST(Layout, RefusesAnAlignmentThatIsNoPowerOfTwo) {
  TestModule module;
  module.elf.section(".data", SHT_PROGBITS, kWrite, "x", 24);
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, ENOEXEC);
}

TEST(Layout, RefusesSizesBeyondModuleSpace) {
  for (uint64_t size : {~0ull, 1ull << 40, 0x6000'0000ull, 0x5fff'f000ull}) {
    TestModule module;
    module.elf.bss(".bss", size);
    EXPECT_FALSE(module.link()) << size;
    EXPECT_EQ(module.error.code, ENOMEM) << size;
  }
}

TEST(Layout, ManySectionsThatOverflowTogetherAreRefused) {
  TestModule module;
  for (int i = 0; i < 3; i++) module.elf.bss(".bss", 0x3000'0000);
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, ENOMEM);
}

TEST(Layout, RefusesAThisModuleSmallerThanTheTargets) {
  TestModule module;
  module.options.this_module_size = 129;
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, ENOEXEC);
  EXPECT_THAT(module.error.text, testing::HasSubstr("has 128 bytes"));
}

TEST(Percpu, GetsAnOffsetAndItsImageButNoMemoryOfTheModule) {
  TestModule module;
  uint32_t percpu =
      module.elf.data(".data..percpu", std::string("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16));
  uint32_t data = module.elf.data(".data", std::string(8, '\0'));
  uint32_t variable =
      module.elf.symbol("counter", percpu, 8, 8, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT));
  module.elf.rela(percpu, 8, R_X86_64_64, module.elf.symbol("data", data), 0);
  module.elf.rela(data, 0, R_X86_64_64, variable, 0);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.image->percpu_size, 16u);
  EXPECT_EQ(module.image->percpu_offset, 0x4000u);
  EXPECT_FALSE(module.image->section_address(".data..percpu"));
  EXPECT_EQ(module.value<uint64_t>(".data", 0), 0x4008u);  // a per-CPU symbol is a small number
  ASSERT_EQ(module.resolver.percpu_image.size(), 16u);
  EXPECT_EQ(module.resolver.percpu_image[0], std::byte{1});
  uint64_t pointer;
  std::memcpy(&pointer, &module.resolver.percpu_image[8], 8);
  EXPECT_EQ(pointer, 0u);  // Linux 6.1 and 6.12 do not relocate initialisers of per-CPU variables
  EXPECT_EQ(module.resolver.percpu_in_use, 16u);
  module.image.reset();
  EXPECT_EQ(module.resolver.percpu_in_use, 0u);
}

TEST(Percpu, SaysWhatLinuxSaysWhenThereIsNoRoom) {
  TestModule module;
  module.resolver.percpu_full = true;
  module.elf.section(".data..percpu", SHT_PROGBITS, kWrite, "12345678", 8192);
  EXPECT_FALSE(module.link());
  EXPECT_EQ(module.error.code, ENOMEM);
  EXPECT_THAT(module.log.warnings, ElementsAre("hello: per-cpu alignment 8192 > 4096",
                                               "hello: Could not allocate 8 bytes percpu data"));
}

TEST(Protect, NothingIsWritableAndExecutable) {
  TestModule module;
  module.elf.text(".text", "\xc3");
  module.elf.text(".init.text", "\xc3");
  module.elf.rodata(".rodata", "r");
  module.elf.rodata(".init.rodata", "r");
  module.elf.data(".data..ro_after_init", "once");
  module.elf.data(".init.data", "i");
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(protection(module.address(".text")), "r-xp");
  EXPECT_EQ(protection(module.address(".init.text")), "r-xp");
  EXPECT_EQ(protection(module.address(".rodata")), "r--p");
  EXPECT_EQ(protection(module.address(".init.rodata")), "r--p");
  EXPECT_EQ(protection(module.address(".init.data")), "rw-p");
  EXPECT_EQ(protection(module.address(".gnu.linkonce.this_module")), "rw-p");
  EXPECT_EQ(protection(module.address(".data..ro_after_init")), "rw-p");
  module.image->seal_after_init();
  EXPECT_EQ(protection(module.address(".data..ro_after_init")), "r--p");
  EXPECT_EQ(protection(module.address(".gnu.linkonce.this_module")), "rw-p");
}

TEST(Image, GivesInitBackAloneAndKeepsItsAddresses) {
  uint64_t before = ModuleSpace::instance().bytes_in_use();
  TestModule module;
  module.elf.text(".text", "\xc3");
  module.elf.text(".init.text", "\xc3");
  module.elf.data(".init.data", "i");
  uint64_t empty = ModuleSpace::instance().bytes_in_use();
  ASSERT_TRUE(module.link()) << module.error.text;
  uint64_t init = module.address(".init.text");
  EXPECT_TRUE(module.image->contains_text(init));
  EXPECT_EQ(ModuleSpace::instance().bytes_in_use() - empty, 4 * host::kPageSize);
  module.image->free_init();
  module.image->free_init();  // twice is once
  EXPECT_EQ(ModuleSpace::instance().bytes_in_use() - empty, 2 * host::kPageSize);
  EXPECT_EQ(protection(init), "---p");
  EXPECT_FALSE(module.image->contains_text(init));
  EXPECT_EQ(module.address(".init.text"), init);
  EXPECT_TRUE(module.image->section(".init.text").empty());
  EXPECT_EQ(module.bytes(".text"), "\xc3");
  EXPECT_TRUE(module.image->contains_text(module.address(".text")));

  // What was given back is used again, and the next module's end does not touch this one's text.
  TestModule other;
  ASSERT_TRUE(other.link());
  uint64_t text = module.address(".text");
  module.image.reset();
  EXPECT_EQ(protection(text), "---p");
  other.image.reset();
  EXPECT_LE(before, empty);
}

TEST(Image, AFailedLinkGivesEverythingBack) {
  TestModule module;
  uint64_t before = ModuleSpace::instance().bytes_in_use();
  module.elf.data(".data..percpu", "12345678");
  module.elf.undefined("nobody");
  module.resolver.unknown["nobody"] = ENOENT;
  EXPECT_FALSE(module.link());
  EXPECT_EQ(ModuleSpace::instance().bytes_in_use(), before);
  EXPECT_EQ(module.resolver.percpu_in_use, 0u);
}

// kernel/module/kallsyms.c elf_type, and which symbols stay after init.
TEST(Kallsyms, LettersAndWhatStays) {
  TestModule module;
  constexpr uint8_t kObject = ELF64_ST_INFO(STB_LOCAL, STT_OBJECT);
  uint32_t text = module.elf.text(".text", "\xc3");
  uint32_t init = module.elf.text(".init.text", "\xc3");
  uint32_t rodata = module.elf.rodata(".rodata", "r");
  uint32_t data = module.elf.data(".data", "d");
  uint32_t bss = module.elf.bss(".bss", 8);
  uint32_t percpu = module.elf.data(".data..percpu", "12345678");
  uint32_t debug = module.elf.section(".debug_str", SHT_PROGBITS, 0, "x");
  struct Expected {
    uint32_t symbol;
    char letter;
    bool core;
  };
  std::vector<Expected> expected = {
      {module.elf.symbol("t", static_cast<uint16_t>(text)), 't', true},
      {module.elf.symbol("i", static_cast<uint16_t>(init)), 't', false},
      {module.elf.symbol("r", static_cast<uint16_t>(rodata)), 'r', true},
      {module.elf.symbol("d", static_cast<uint16_t>(data)), 'd', true},
      {module.elf.symbol("b", static_cast<uint16_t>(bss)), 'b', true},
      {module.elf.symbol("p", static_cast<uint16_t>(percpu)), 'a', true},
      {module.elf.symbol("abs", SHN_ABS), 'a', false},
      {module.elf.symbol("n", static_cast<uint16_t>(debug)), 'n', false},
      {module.elf.undefined("u"), 'U', false},
      {module.elf.symbol("w", static_cast<uint16_t>(text), 0, 0, ELF64_ST_INFO(STB_WEAK, STT_FUNC)),
       'w', true},
      {module.elf.symbol("v", static_cast<uint16_t>(data), 0, 0,
                         ELF64_ST_INFO(STB_WEAK, STT_OBJECT)),
       'v', true},
      {module.elf.symbol("", static_cast<uint16_t>(data), 0, 0, kObject), 'd', false},
  };
  ASSERT_TRUE(module.link()) << module.error.text;
  for (const Expected& row : expected) {
    const PlacedSymbol& symbol = module.image->symbols[row.symbol];
    EXPECT_EQ(symbol.type, row.letter) << symbol.name;
    EXPECT_EQ(symbol.core, row.core) << symbol.name;
  }
}

TEST(Kallsyms, NamesOutliveTheFile) {
  TestModule module;
  uint32_t text = module.elf.text(".text", "\xc3");
  uint32_t symbol = module.elf.symbol("hello_init", static_cast<uint16_t>(text), 0, 1);
  ASSERT_TRUE(module.link()) << module.error.text;
  std::fill(module.file.bytes.begin(), module.file.bytes.end(), std::byte{0xff});
  EXPECT_EQ(module.image->symbols[symbol].name, "hello_init");
  EXPECT_EQ(module.image->symbols[symbol].value, module.address(".text"));
}

}  // namespace
}  // namespace ring3::link
