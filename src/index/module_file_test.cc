// SPDX-License-Identifier: GPL-2.0-only
// The quick reader: what depmod and modinfo get of a module, of each class and byte order, packed
// and plain, and that damage is an error or an absence, never a crash.
#include "index/module_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "elf/elf_builder.h"
#include "host/command.h"

namespace ring3::index {
namespace {

using elf::ElfBuilder;
using elf::ElfFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::string_literals;

// A module that exports one and two, needs printk, weak and (by __versions alone) hidden.
ElfBuilder sample() {
  ElfBuilder module;
  module.modinfo("name", "sample");
  module.modinfo("alias", "pci:*");
  module.modinfo("", "odd");
  module.rodata("__ksymtab_strings", "one\0two\0"s);
  module.rodata("__ksymtab", std::string(24, '\0'));
  module.rodata("__kcrctab", std::string("\x11\x11\x11\x11\x22\x22\x22\x22", 8));
  module.symbol("__crc_one", 3, 0);
  module.symbol("__crc_two", 3, 4);
  module.undefined("printk");
  module.undefined("weak", STB_WEAK);
  module.version("module_layout", 1);
  module.version("printk", 0xabcd);
  module.version("hidden", 7);
  return module;
}

struct Facts {
  std::vector<std::string> modinfo, exports, imports;
};
// Everything that can be asked; an error as one item.
Facts ask(ModuleFile& file, bool crcs) {
  Facts facts;
  if (auto entries = file.modinfo())
    for (std::string_view entry : *entries) facts.modinfo.emplace_back(entry);
  else
    facts.modinfo = {"error: " + entries.error().text};
  if (auto exports = file.exports(crcs))
    for (const auto& one : *exports)
      facts.exports.push_back(fmt::format("{}={:x}", one.name, one.crc));
  else
    facts.exports = {"error: " + exports.error().text};
  if (auto imports = file.imports(crcs))
    for (const auto& one : *imports)
      facts.imports.push_back(fmt::format("{}={:x}{}", one.name, one.crc, one.weak ? " weak" : ""));
  else
    facts.imports = {"error: " + imports.error().text};
  return facts;
}
Facts facts_of(const ElfFile& bytes, bool crcs) {
  ModuleFile file;
  auto opened = file.open_bytes(bytes);
  EXPECT_TRUE(opened) << opened.error().text;
  return ask(file, crcs);
}
Error refused(Bytes bytes) {
  ModuleFile file;
  auto opened = file.open_bytes(bytes);
  return opened ? Error{0, "it was opened"} : opened.error();
}

TEST(ModuleFile, FactsWithCrcs) {
  Facts facts = facts_of(sample().build(), true);
  EXPECT_THAT(facts.modinfo, ElementsAre("name=sample", "alias=pci:*", "=odd"));
  EXPECT_THAT(facts.exports, ElementsAre("one=11111111", "two=22222222"));
  EXPECT_THAT(facts.imports,
              ElementsAre("printk=abcd", "weak=0 weak", "module_layout=1", "hidden=7"));
}

// Three versions for two undefined symbols: no second look is needed, and none is taken.
TEST(ModuleFile, WithoutCrcsVersionsAreReadOnlyIfTheirNumberDiffers) {
  Facts facts = facts_of(sample().build(), false);
  EXPECT_THAT(facts.exports, ElementsAre("one=0", "two=0"));
  EXPECT_THAT(facts.imports, ElementsAre("printk=0", "weak=0 weak"));
  ElfBuilder more = sample();
  more.version("another", 9);
  EXPECT_THAT(facts_of(more.build(), false).imports,
              ElementsAre("printk=0", "weak=0 weak", "module_layout=0", "hidden=0", "another=0"));
}

// Namespaces stand among the names: then __crc_ symbols say which are symbols.
TEST(ModuleFile, NamespacesAreNoExports) {
  ElfBuilder module;
  module.rodata("__ksymtab_strings", "one\0SPACE\0"s);
  module.rodata("__ksymtab", std::string(12, '\0'));
  module.rodata("__kcrctab", std::string(4, '\5'));
  module.symbol("__crc_one", 3, 0);
  EXPECT_THAT(facts_of(module.build(), false).exports, ElementsAre("one=0"));
}

TEST(ModuleFile, WithoutSymtabThereIsStillModinfo) {
  ElfBuilder module = sample();
  module.without_symtab();
  Facts facts = facts_of(module.build(), true);
  EXPECT_EQ(facts.modinfo.size(), 3u);
  EXPECT_THAT(facts.exports, ElementsAre("one=0", "two=0"));
  EXPECT_THAT(facts.imports, IsEmpty());
}

TEST(ModuleFile, SectionsByName) {
  ElfFile bytes = sample().build();
  ModuleFile file;
  ASSERT_TRUE(file.open_bytes(bytes));
  EXPECT_TRUE(file.has_section("__ksymtab"));
  EXPECT_FALSE(file.has_section("__ksym"));
  EXPECT_EQ(as_text(file.section("__ksymtab_strings").take()), "one\0two\0"s);
  EXPECT_TRUE(file.section("none").take().empty());
  EXPECT_FALSE(file.read(file.size(), 1));
  EXPECT_FALSE(file.read(~0ull, 2));
  EXPECT_EQ(file.read(file.size(), 0)->size(), 0u);
}

TEST(ModuleFile, WhatIsNoModuleIsRefused) {
  auto code = [](std::string_view text) { return refused(as_bytes(text)).code; };
  EXPECT_EQ(code(""), EINVAL);
  EXPECT_EQ(code("\x7f"
                 "EL"),
            ENOEXEC);
  EXPECT_EQ(code("#!/bin/sh\n" + std::string(100, 'x')), ENOEXEC);
  EXPECT_EQ(code("\x7f"
                 "ELF\2\1"),
            EINVAL);
  ElfFile bytes = sample().build();
  bytes.header().e_ident[EI_CLASS] = 3;
  EXPECT_EQ(refused(bytes).code, ENOEXEC);
  bytes = sample().build();
  bytes.header().e_ident[EI_DATA] = 0;
  EXPECT_EQ(refused(bytes).code, ENOEXEC);
}

TEST(ModuleFile, AFileThatIsCutIsRefusedOrHasLess) {
  const ElfFile whole = sample().build();
  for (size_t size = 0; size < whole.bytes.size(); size++)
    EXPECT_NE(refused(Bytes(whole.bytes).first(size)).code, 0)
        << size;  // the headers are at the end
}

TEST(ModuleFile, HeadersOutsideAreNamed) {
  auto spoilt = [](auto&& spoil) {
    ElfFile bytes = sample().build();
    spoil(bytes);
    return refused(bytes).text;
  };
  EXPECT_THAT(spoilt([](ElfFile& f) { f.header().e_shoff = ~0ull; }), HasSubstr("cut short"));
  EXPECT_THAT(spoilt([](ElfFile& f) { f.header().e_shnum = 0xffff; }), HasSubstr("cut short"));
  EXPECT_THAT(spoilt([](ElfFile& f) { f.header().e_shentsize = 63; }), HasSubstr("63 bytes"));
  EXPECT_THAT(spoilt([](ElfFile& f) { f.header().e_shstrndx = 99; }), HasSubstr("section 99 of"));
  EXPECT_THAT(spoilt([](ElfFile& f) { f.section(".shstrtab").sh_size = ~0ull; }),
              HasSubstr("cut short"));
  EXPECT_THAT(spoilt([](ElfFile& f) { f.section(".shstrtab").sh_size--; }),
              HasSubstr("do not end inside"));
}

TEST(ModuleFile, DamageInsideIsAnErrorOfTheQuestion) {
  auto with = [](auto&& spoil) {
    ElfFile bytes = sample().build();
    spoil(bytes);
    return facts_of(bytes, true);
  };
  Facts facts = with([](ElfFile& f) { f.section(".modinfo").sh_offset = 1 << 30; });
  EXPECT_THAT(facts.modinfo, ElementsAre(HasSubstr("error: the file has")));
  facts = with([](ElfFile& f) { f.symbol(3).st_name = 1 << 20; });
  EXPECT_THAT(facts.imports, ElementsAre(HasSubstr("a symbol's name at 1048576")));
  facts = with([](ElfFile& f) { f.symbol(2).st_value = 5; });
  EXPECT_THAT(facts.exports, ElementsAre(HasSubstr("a CRC at 5 of a section of 8 bytes")));
  facts = with([](ElfFile& f) { f.section(".symtab").sh_info = 1 << 30; });
  EXPECT_THAT(facts.imports, testing::Contains("printk=abcd"));  // all symbols are looked at
  facts = with([](ElfFile& f) { f.section("__versions").sh_type = SHT_NOBITS; });
  EXPECT_THAT(facts.imports, ElementsAre("printk=0", "weak=0 weak"));
}

// The same facts from a file: plain, and packed each way.
TEST(ModuleFile, PackedFilesHaveTheSameFacts) {
  auto folder = host::TemporaryFolder::create("ring3-packed-").take();
  std::string path = folder.path() + "/m.ko";
  ElfFile bytes = sample().build();
  std::ofstream(path, std::ios::binary) << as_text(bytes.bytes);
  const std::vector<std::vector<std::string>> packers = {
      {"true"}, {"gzip", "-k", path}, {"xz", "-k", path}, {"zstd", "-q", path}};
  const char* ends[] = {"", ".gz", ".xz", ".zst"};
  const char* names[] = {"", "gzip", "xz", "zstd"};
  Facts plain = facts_of(bytes, true);
  ModuleFile file;  // the same one for all
  for (size_t i = 0; i < packers.size(); i++) {
    ASSERT_EQ(host::run_command(packers[i])->status, 0) << names[i];
    auto opened = file.open(path + ends[i]);
    ASSERT_TRUE(opened) << opened.error().text;
    EXPECT_EQ(file.compression(), names[i]);
    Facts facts = ask(file, true);
    EXPECT_EQ(facts.modinfo, plain.modinfo);
    EXPECT_EQ(facts.exports, plain.exports);
    EXPECT_EQ(facts.imports, plain.imports);
  }
  EXPECT_EQ(file.open(folder.path() + "/none.ko").error().code, ENOENT);
}

// Not of this machine: a header as 32-bit PowerPC has it, written by hand.
TEST(ModuleFile, ThirtyTwoBitsAndBigEndian) {
  std::string out;
  auto number = [&](uint32_t value, int size) {
    for (int i = size - 1; i >= 0; i--) out += static_cast<char>(value >> (8 * i));
  };
  const std::string names = "\0.shstrtab\0.modinfo\0"s, modinfo = "name=old\0license=GPL\0"s;
  out =
      "\x7f"
      "ELF\1\2\1" +
      std::string(9, '\0');
  number(1, 2), number(20, 2), number(1, 4), number(0, 4), number(0, 4);
  number(static_cast<uint32_t>(52 + names.size() + modinfo.size()), 4);  // e_shoff
  number(0, 4), number(52, 2), number(0, 2), number(0, 2), number(40, 2), number(3, 2),
      number(1, 2);
  ASSERT_EQ(out.size(), 52u);
  out += names + modinfo;
  auto section = [&](uint32_t name, uint32_t type, size_t offset, size_t size) {
    number(name, 4), number(type, 4), number(0, 4), number(0, 4);
    number(static_cast<uint32_t>(offset), 4), number(static_cast<uint32_t>(size), 4);
    for (int i = 0; i < 4; i++) number(0, 4);
  };
  section(0, 0, 0, 0);
  section(1, SHT_STRTAB, 52, names.size());
  section(11, SHT_PROGBITS, 52 + names.size(), modinfo.size());
  ModuleFile file;
  auto opened = file.open_bytes(as_bytes(out));
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_FALSE(file.shape().wide);
  EXPECT_TRUE(file.shape().big_endian);
  EXPECT_THAT(ask(file, false).modinfo, ElementsAre("name=old", "license=GPL"));
}

}  // namespace
}  // namespace ring3::index
