// SPDX-License-Identifier: GPL-2.0-only
// LENGTH: a View has many ways to refuse, each its own short test.
// What a View tells of a good module, and the refusals that only a careful reader makes.
#include "elf/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf/elf_builder.h"

namespace ring3::elf {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

View parsed(Bytes file) {
  auto view = View::parse(file);
  if (!view) {
    ADD_FAILURE() << view.error().text;
    std::abort();
  }
  return view.take();
}

void expect_refused(Bytes file, const std::string& text) {
  auto view = View::parse(file);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().text, text);
  EXPECT_EQ(view.error().code, ENOEXEC);
}

void expect_no_module(Bytes file, const std::string& text) {
  auto checked = parsed(file).check_module(ElfBuilder::kNameOffset);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().text, text);
  EXPECT_EQ(checked.error().code, ENOEXEC);
}

// --- sections

TEST(ElfSections, AreGivenAsTheyStandInTheFile) {
  ElfBuilder elf;
  uint32_t text = elf.text(".text", "\x90\xc3");
  elf.header(text).sh_entsize = 7;
  elf.header(text).sh_addr = 0x1000;
  ElfFile file = elf.build();
  View view = parsed(file);
  const Section& section = view.sections()[text];
  EXPECT_EQ(section.index, text);
  EXPECT_EQ(section.name, ".text");
  EXPECT_EQ(section.type, SHT_PROGBITS);
  EXPECT_EQ(section.flags, SHF_ALLOC | SHF_EXECINSTR);
  EXPECT_EQ(section.size, 2u);
  EXPECT_EQ(section.align, 16u);
  EXPECT_EQ(section.entsize, 7u);
  EXPECT_EQ(section.addr, 0x1000u);
  EXPECT_EQ(as_text(section.bytes), "\x90\xc3");
  EXPECT_EQ(section.offset, static_cast<uint64_t>(section.bytes.data() - file.bytes.data()));
}

TEST(ElfSections, FindGivesTheFirst) {
  ElfBuilder elf;
  elf.rodata("twice", "a");
  elf.rodata("twice", "b");
  ElfFile file = elf.build();
  View view = parsed(file);
  EXPECT_EQ(view.find("twice")->index, 1u);
  EXPECT_EQ(view.find("thrice"), nullptr);
}

TEST(ElfSections, FindPrefersWhatGoesToMemory) {
  ElfBuilder elf;
  elf.section("twice", SHT_PROGBITS, 0, "a");
  elf.rodata("twice", "b");
  elf.section("debug", SHT_PROGBITS, 0, "c");
  ElfFile file = elf.build();
  View view = parsed(file);
  EXPECT_EQ(view.find("twice")->index, 2u);
  EXPECT_EQ(view.find("debug")->index, 3u);
}

TEST(ElfSections, SurviveAMoveOfTheView) {
  ElfBuilder elf;
  elf.this_module("hello");
  ElfFile file = elf.build();
  View first = parsed(file);
  const Section* before = first.this_module();
  View second = std::move(first);
  EXPECT_EQ(second.this_module(), before);
  EXPECT_EQ(second.symtab(), second.find(".symtab"));
}

// --- symbols

TEST(ElfSymbols, AreGivenWithTheirNames) {
  ElfBuilder elf;
  uint32_t text = elf.text(".text", "\x90\xc3");
  uint32_t run = elf.symbol("run", static_cast<uint16_t>(text), 1, 1);
  uint32_t printk = elf.undefined("_printk", STB_WEAK);
  ElfFile file = elf.build();
  View view = parsed(file);
  ASSERT_EQ(view.symbols().size(), 3u);
  EXPECT_EQ(view.symbols()[0].name, "");
  const Symbol& symbol = view.symbols()[run];
  EXPECT_EQ(symbol.index, run);
  EXPECT_EQ(symbol.name, "run");
  EXPECT_EQ(symbol.section, text);
  EXPECT_EQ(symbol.value, 1u);
  EXPECT_EQ(symbol.size, 1u);
  EXPECT_EQ(symbol.type(), unsigned{STT_FUNC});
  EXPECT_EQ(symbol.bind(), unsigned{STB_GLOBAL});
  EXPECT_EQ(view.symbols()[printk].bind(), unsigned{STB_WEAK});
}

TEST(ElfSymbols, NameOutsideTheStringsIsRefused) {
  ElfBuilder elf;
  elf.undefined("_printk");
  ElfFile file = elf.build();
  file.symbol(1).st_name = 0x1000;
  expect_refused(file,
                 "section 1 (.symtab): symbol 1: its name at 0x1000 does not end inside section 2 "
                 "(.strtab, 9 bytes)");
}

TEST(ElfSymbols, NameWithoutNulIsRefused) {
  ElfBuilder elf;
  elf.undefined("_printk");
  ElfFile file = elf.build();
  file.section(".strtab").sh_size--;
  expect_refused(file,
                 "section 1 (.symtab): symbol 1: its name at 0x1 does not end inside section 2 "
                 "(.strtab, 8 bytes)");
}

TEST(ElfSymbols, SectionIndexIsNotJudged) {
  ElfBuilder elf;
  elf.symbol("odd", 0x1234);
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).symbols()[1].section, 0x1234);
}

TEST(ElfSymbols, RestOfTheTableIsIgnored) {
  ElfBuilder elf;
  elf.undefined("_printk");
  ElfFile file = elf.build();
  file.section(".symtab").sh_size += 5;
  EXPECT_EQ(parsed(file).symbols().size(), 2u);
}

TEST(ElfSymbols, FirstTableCounts) {
  ElfBuilder elf;
  uint32_t extra = elf.section(".extra", SHT_SYMTAB, 0, std::string(sizeof(Elf64_Sym), '\0'));
  elf.header(extra).sh_link = extra;
  elf.undefined("_printk");
  ElfFile file = elf.build();
  View view = parsed(file);
  EXPECT_EQ(view.symtab()->index, extra);
  EXPECT_EQ(view.strtab()->index, extra);
  EXPECT_EQ(view.symbols().size(), 1u);
}

// --- relocations

struct OneRela {
  ElfBuilder elf;
  uint32_t data = elf.data(".data", std::string(16, '\0'));
  uint32_t symbol = elf.undefined("_printk");
};

TEST(ElfRelocations, AreGivenWithTheirTarget) {
  OneRela one;
  one.elf.rela(one.data, 8, R_X86_64_64, one.symbol, -4);
  ElfFile file = one.elf.build();
  View view = parsed(file);
  ASSERT_EQ(view.relocations().size(), 1u);
  const Relocations& found = view.relocations()[0];
  EXPECT_EQ(found.section->name, ".rela.data");
  EXPECT_EQ(found.target->name, ".data");
  ASSERT_EQ(found.entries.size(), 1u);
  EXPECT_EQ(found.entries[0].r_offset, 8u);
  EXPECT_EQ(found.entries[0].r_addend, -4);
  EXPECT_EQ(ELF64_R_SYM(found.entries[0].r_info), one.symbol);
}

TEST(ElfRelocations, SymbolThatDoesNotExistIsRefused) {
  OneRela one;
  one.elf.rela(one.data, 0, R_X86_64_64, one.symbol);
  one.elf.rela(one.data, 0, R_X86_64_64, 7);
  expect_refused(one.elf.build(), "section 2 (.rela.data): relocation 1: symbol 7 of only 2");
}

// Linux's kinds and what each writes: the last place that fits, and the one behind it.
class ElfRelocationKind : public testing::TestWithParam<std::pair<uint32_t, uint64_t>> {};

TEST_P(ElfRelocationKind, MayWriteUpToTheEndOfTheSection) {
  auto [type, width] = GetParam();
  OneRela one;
  one.elf.rela(one.data, 16 - width, type, one.symbol);
  ElfFile file = one.elf.build();
  auto view = View::parse(file);
  EXPECT_TRUE(view) << view.error().text;
}

TEST_P(ElfRelocationKind, BehindTheSectionIsRefused) {
  auto [type, width] = GetParam();
  OneRela one;
  one.elf.rela(one.data, 17 - width, type, one.symbol);
  expect_refused(one.elf.build(), "section 2 (.rela.data): relocation 0: " + std::to_string(width) +
                                      " bytes at " + (width == 8 ? "0x9" : "0xd") +
                                      " are outside of section 1 (.data, 0x10 bytes)");
}

INSTANTIATE_TEST_SUITE_P(All, ElfRelocationKind,
                         testing::Values(std::pair(R_X86_64_64, 8), std::pair(R_X86_64_PC64, 8),
                                         std::pair(R_X86_64_PC32, 4), std::pair(R_X86_64_PLT32, 4),
                                         std::pair(R_X86_64_32, 4), std::pair(R_X86_64_32S, 4)));

TEST(ElfRelocations, OffsetNearTheEndOfTheNumbersIsRefused) {
  OneRela one;
  one.elf.rela(one.data, ~0ull, R_X86_64_64, one.symbol);
  expect_refused(one.elf.build(),
                 "section 2 (.rela.data): relocation 0: 8 bytes at 0xffffffffffffffff are outside "
                 "of section 1 (.data, 0x10 bytes)");
}

TEST(ElfRelocations, TargetSmallerThanTheFieldIsRefused) {
  ElfBuilder elf;
  elf.rela(elf.data(".data", "ab"), 0, R_X86_64_PC32, 0);
  expect_refused(elf.build(),
                 "section 2 (.rela.data): relocation 0: 4 bytes at 0x0 are outside of section 1 "
                 "(.data, 0x2 bytes)");
}

TEST(ElfRelocations, NoneAndUnknownKindsMayStandAnywhere) {
  OneRela one;
  one.elf.rela(one.data, ~0ull, R_X86_64_NONE, one.symbol);
  one.elf.rela(one.data, ~0ull, R_X86_64_GOTPCREL, one.symbol);
  one.elf.rela(one.data, ~0ull, 0xffffffff, one.symbol);
  ElfFile file = one.elf.build();
  EXPECT_EQ(parsed(file).relocations()[0].entries.size(), 3u);
}

TEST(ElfRelocations, OfNobitsCountTheirSizeInMemory) {
  ElfBuilder elf;
  elf.rela(elf.bss(".bss", 16), 8, R_X86_64_64, 0);
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).relocations().size(), 1u);
}

TEST(ElfRelocations, OfDebugSectionsAreNotLookedAt) {
  ElfBuilder elf;
  elf.rela(elf.section(".debug_info", SHT_PROGBITS, 0, "x"), ~0ull, R_X86_64_64, 99);
  ElfFile file = elf.build();
  EXPECT_THAT(parsed(file).relocations(), IsEmpty());
}

TEST(ElfRelocations, OfSectionsThatLinuxKeepsApartAreNotGiven) {
  for (const char* name : {".modinfo", "__versions", ".data..percpu"}) {
    ElfBuilder elf;
    elf.rela(elf.data(name, "x"), ~0ull, R_X86_64_64, 99);
    ElfFile file = elf.build();
    EXPECT_THAT(parsed(file).relocations(), IsEmpty()) << name;
  }
}

TEST(ElfRelocations, TargetThatDoesNotExistIsSkipped) {
  OneRela one;
  one.elf.rela(one.data, 0, R_X86_64_64, one.symbol);
  ElfFile file = one.elf.build();
  for (uint32_t target : {0u, uint32_t{file.header().e_shnum}, ~0u}) {
    file.section(".rela.data").sh_info = target;
    EXPECT_THAT(parsed(file).relocations(), IsEmpty()) << target;
  }
}

TEST(ElfRelocations, RestOfTheSectionIsIgnored) {
  OneRela one;
  one.elf.rela(one.data, 0, R_X86_64_64, one.symbol);
  ElfFile file = one.elf.build();
  file.section(".rela.data").sh_size += 5;
  EXPECT_EQ(parsed(file).relocations()[0].entries.size(), 1u);
}

TEST(ElfRelocations, AreReadFromAnyAlignment) {
  OneRela one;
  one.elf.rela(one.data, 8, R_X86_64_64, one.symbol, 5);
  ElfFile file = one.elf.build();
  for (size_t off = 0; off < 8; off++) {
    // The file, `off` bytes behind an aligned address.
    std::vector<std::byte> moved(file.bytes.size() + off);
    std::copy(file.bytes.begin(), file.bytes.end(), moved.begin() + static_cast<long>(off));
    View view = parsed(Bytes(moved).subspan(off));
    ASSERT_EQ(view.relocations()[0].entries.size(), 1u);
    EXPECT_EQ(view.relocations()[0].entries[0].r_offset, 8u);
    EXPECT_EQ(view.relocations()[0].entries[0].r_addend, 5);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(view.relocations()[0].entries.data()) % 8, 0u);
  }
}

TEST(ElfRelocations, TwoUnalignedSectionsKeepTheirOwnEntries) {
  ElfBuilder elf;
  elf.rela(elf.data(".a", std::string(16, '\0')), 1, R_X86_64_64, 0, 11);
  elf.rela(elf.data(".b", std::string(16, '\0')), 2, R_X86_64_64, 0, 22);
  ElfFile file = elf.build();
  std::vector<std::byte> moved(file.bytes.size() + 3);
  std::copy(file.bytes.begin(), file.bytes.end(), moved.begin() + 3);
  View view = parsed(Bytes(moved).subspan(3));
  ASSERT_EQ(view.relocations().size(), 2u);
  EXPECT_EQ(view.relocations()[0].entries[0].r_addend, 11);
  EXPECT_EQ(view.relocations()[1].entries[0].r_addend, 22);
}

// --- is it a module?

TEST(ElfModule, GoodOneIsOne) {
  ElfBuilder elf;
  elf.this_module("hello");
  ElfFile file = elf.build();
  View view = parsed(file);
  EXPECT_TRUE(view.check_module(ElfBuilder::kNameOffset));
  EXPECT_EQ(view.this_module()->name, ".gnu.linkonce.this_module");
}

TEST(ElfModule, Stripped) {
  ElfBuilder elf;
  elf.this_module("hello");
  elf.without_symtab();
  expect_no_module(elf.build(), "hello: module has no symbols (stripped?)");
}

TEST(ElfModule, StrippedOfEverything) {
  ElfBuilder elf;
  elf.without_symtab();
  expect_no_module(elf.build(),
                   "(missing .modinfo section or name field): module has no symbols (stripped?)");
}

TEST(ElfModule, StrippedIsNotNamedByStructModule) {
  ElfBuilder elf;
  elf.data(".gnu.linkonce.this_module", std::string(24, '\0') + std::string("old\0", 4));
  elf.without_symtab();
  expect_no_module(elf.build(),
                   "(missing .modinfo section or name field): module has no symbols (stripped?)");
}

TEST(ElfModule, StrippedWithRelocationsLeftIsStillStripped) {
  ElfBuilder elf;
  elf.this_module("hello");
  elf.rela(elf.data(".data", std::string(8, '\0')), 0, R_X86_64_64, 1);
  elf.without_symtab();
  expect_no_module(elf.build(), "hello: module has no symbols (stripped?)");
}

TEST(ElfModule, WithoutThisModule) {
  ElfBuilder elf;
  elf.modinfo("name", "hello");
  expect_no_module(elf.build(), "hello: No module found in object");
}

TEST(ElfModule, ThisModuleMustGoToMemory) {
  ElfBuilder elf;
  elf.section(".gnu.linkonce.this_module", SHT_PROGBITS, 0, std::string(128, '\0'));
  expect_no_module(elf.build(),
                   "(missing .modinfo section or name field): No module found in object");
}

TEST(ElfModule, RelRelocationsAreRefused) {
  ElfBuilder elf;
  elf.this_module("hello");
  uint32_t rel = elf.section(".rel.data", SHT_REL, 0, "");
  elf.header(rel).sh_info = elf.data(".data", "x");
  expect_no_module(elf.build(), "module hello: REL relocation unsupported");
}

TEST(ElfModule, RelRelocationsOfDebugSectionsAreNot) {
  ElfBuilder elf;
  elf.this_module("hello");
  uint32_t rel = elf.section(".rel.debug_info", SHT_REL, 0, "");
  elf.header(rel).sh_info = elf.section(".debug_info", SHT_PROGBITS, 0, "x");
  ElfFile file = elf.build();
  EXPECT_TRUE(parsed(file).check_module(ElfBuilder::kNameOffset));
}

// --- name, modinfo, versions, build id

TEST(ElfName, IsModinfos) {
  ElfBuilder elf;
  elf.modinfo("name", "new");
  elf.data(".gnu.linkonce.this_module", std::string(24, '\0') + std::string("old\0", 4));
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).name(24), "new");
}

TEST(ElfName, ElseStructModules) {
  ElfBuilder elf;
  elf.data(".gnu.linkonce.this_module", std::string(24, '\0') + std::string("old\0", 4));
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).name(24), "old");
}

TEST(ElfName, OutsideOfStructModuleIsMissing) {
  ElfBuilder elf;
  elf.data(".gnu.linkonce.this_module", std::string(24, '\0') + "unterminated");
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).name(24), "(missing .modinfo section or name field)");
  EXPECT_EQ(parsed(file).name(~0ull), "(missing .modinfo section or name field)");
}

TEST(ElfModinfo, GivesFirstAndAll) {
  ElfBuilder elf;
  elf.modinfo("license", "GPL");
  elf.modinfo("author", "A");
  elf.modinfo("parm", "n:a=b");
  elf.modinfo("author", "B");
  elf.modinfo("depends", "");
  ElfFile file = elf.build();
  View view = parsed(file);
  EXPECT_EQ(view.modinfo("author"), "A");
  EXPECT_THAT(view.modinfo_all("author"), ElementsAre("A", "B"));
  EXPECT_EQ(view.modinfo("parm"), "n:a=b");
  EXPECT_EQ(view.modinfo("depends"), "");
  EXPECT_EQ(view.modinfo("auth"), std::nullopt);
  EXPECT_THAT(view.modinfo_all("alias"), IsEmpty());
}

TEST(ElfModinfo, KeepsTheOrderAndSkipsPaddingAndNonsense) {
  ElfBuilder elf;
  elf.rodata(".modinfo", std::string_view("\0\0a=1\0\0\0\0nonsense\0b=2\0\0", 23));
  ElfFile file = elf.build();
  EXPECT_THAT(parsed(file).modinfo_entries(), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST(ElfModinfo, LastStringEndsWithTheSection) {
  ElfBuilder elf;
  elf.rodata(".modinfo", "license=GPL");
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).modinfo("license"), "GPL");
}

TEST(ElfModinfo, ThatDoesNotGoToMemoryIsNone) {
  ElfBuilder elf;
  elf.section(".modinfo", SHT_PROGBITS, 0, std::string_view("a=1\0", 4));
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).modinfo("a"), std::nullopt);
}

TEST(ElfVersions, AreGivenInOrder) {
  ElfBuilder elf;
  elf.version("module_layout", 0x12345678);
  elf.version("_printk", 0xffffffffffffffff);
  ElfFile file = elf.build();
  View view = parsed(file);
  ASSERT_EQ(view.versions().size(), 2u);
  EXPECT_EQ(view.versions()[0].name, "module_layout");
  EXPECT_EQ(view.versions()[0].crc, 0x12345678u);
  EXPECT_EQ(view.versions()[1].name, "_printk");
  EXPECT_EQ(view.versions()[1].crc, ~0ull);
}

TEST(ElfVersions, NameMayFillItsField) {
  ElfBuilder elf;
  elf.version(std::string(56, 'x'), 1);
  elf.version("next", 2);
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).versions()[0].name, std::string(56, 'x'));
}

TEST(ElfVersions, RestOfTheSectionIsIgnored) {
  ElfBuilder elf;
  elf.rodata("__versions", std::string(64 + 63, 'x'));
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).versions().size(), 1u);
}

TEST(ElfVersions, NoneWithoutTheSection) {
  ElfFile file = ElfBuilder().build();
  EXPECT_THAT(parsed(file).versions(), IsEmpty());
}

TEST(ElfBuildId, IsLowerCaseHex) {
  ElfBuilder elf;
  elf.build_id("\x01\xab\xff");
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).build_id(), "01abff");
}

TEST(ElfBuildId, OtherNotesAreSkipped) {
  ElfBuilder elf;
  std::string_view notes(
      "\x06\0\0\0\x01\0\0\0\x03\0\0\0Linux\0\0\0A\0\0\0"
      "\x04\0\0\0\x02\0\0\0\x03\0\0\0GNU\0\xab\xcd\0\0",
      44);
  elf.section(".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, notes);
  ElfFile file = elf.build();
  EXPECT_EQ(parsed(file).build_id(), "abcd");
}

TEST(ElfBuildId, DamagedNoteIsNone) {
  for (const char* field : {"name", "descriptor"}) {
    ElfBuilder elf;
    elf.build_id("\x01\x02\x03\x04");
    ElfFile file = elf.build();
    auto& note = file.at<Elf64_Nhdr>(file.section(".note.gnu.build-id").sh_offset);
    (field == std::string("name") ? note.n_namesz : note.n_descsz) = 0xfffffff0;
    EXPECT_EQ(parsed(file).build_id(), "") << field;
  }
}

TEST(ElfBuildId, NoneWithoutTheNote) {
  ElfFile file = ElfBuilder().build();
  EXPECT_EQ(parsed(file).build_id(), "");
}

}  // namespace
}  // namespace ring3::elf
