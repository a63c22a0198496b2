// SPDX-License-Identifier: GPL-2.0-only
// Linux's fourteen refusals, in the order in which it checks: each test spoils one thing of a good
// module. The texts are those of 6.1's kernel log (shared/CONTRACT.md 5.2 step 2).
#include <gtest/gtest.h>

#include "elf/elf_builder.h"
#include "elf/view.h"

namespace ring3::elf {
namespace {

ElfFile good_module() {
  ElfBuilder elf;
  elf.this_module("hello");
  elf.text(".text", "\xc3");
  elf.bss(".bss", 64);
  elf.undefined("_printk");
  return elf.build();
}

void expect_refused(Bytes file, const std::string& text) {
  auto view = View::parse(file);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().text, text);
  EXPECT_EQ(view.error().code, ENOEXEC);
}

TEST(ElfValidity, AcceptsAGoodModule) { EXPECT_TRUE(View::parse(good_module())); }

TEST(ElfValidity, FileShorterThanAHeader) {
  ElfFile file = good_module();
  expect_refused(Bytes(file).first(63), "Invalid ELF header len 63");
  expect_refused(Bytes(), "Invalid ELF header len 0");
}

TEST(ElfValidity, MagicShowsTheRawByte) {
  ElfFile file = good_module();
  file.header().e_ident[1] = 'X';
  expect_refused(file,
                 "Invalid ELF header magic: != \x7f"
                 "ELF");
}

TEST(ElfValidity, NotRelocatable) {
  ElfFile file = good_module();
  file.header().e_type = ET_DYN;
  expect_refused(file, "Invalid ELF header type: 3 != 1");
}

TEST(ElfValidity, OtherArchitecture) {
  ElfFile file = good_module();
  file.header().e_machine = EM_AARCH64;
  expect_refused(file, "Invalid architecture in ELF header: 183");
}

TEST(ElfValidity, SectionHeaderSize) {
  ElfFile file = good_module();
  file.header().e_shentsize = 40;
  expect_refused(file, "Invalid ELF section header size");
}

TEST(ElfValidity, SectionHeadersBehindTheEnd) {
  ElfFile file = good_module();
  file.header().e_shoff = file.bytes.size();
  expect_refused(file, "Invalid ELF section header overflow");
  file.header().e_shoff = ~0ull;
  expect_refused(file, "Invalid ELF section header overflow");
}

TEST(ElfValidity, MoreSectionHeadersThanFit) {
  ElfFile file = good_module();
  file.header().e_shnum++;
  expect_refused(file, "Invalid ELF section header overflow");
}

TEST(ElfValidity, NoSectionNameTable) {
  ElfFile file = good_module();
  file.header().e_shstrndx = SHN_UNDEF;
  expect_refused(file, "Invalid ELF section name index: 0 || e_shstrndx (0) >= e_shnum (" +
                           std::to_string(file.header().e_shnum) + ")");
}

TEST(ElfValidity, SectionNameIndexTooLarge) {
  ElfFile file = good_module();
  std::string count = std::to_string(file.header().e_shnum);
  file.header().e_shstrndx = file.header().e_shnum;
  expect_refused(file, "Invalid ELF section name index: " + count + " || e_shstrndx (" + count +
                           ") >= e_shnum (" + count + ")");
}

TEST(ElfValidity, NoSectionsAtAll) {
  ElfFile file = good_module();
  file.header().e_shnum = file.header().e_shstrndx = 0;
  expect_refused(file, "Invalid ELF section name index: 0 || e_shstrndx (0) >= e_shnum (0)");
}

TEST(ElfValidity, SectionNameTableOutsideTheFile) {
  ElfFile file = good_module();
  file.section(".shstrtab").sh_offset = file.bytes.size();
  expect_refused(file, "Invalid ELF section hdr(type 3)");
}

TEST(ElfValidity, EmptySectionNameTable) {
  ElfFile file = good_module();
  file.section(".shstrtab").sh_size = 0;
  expect_refused(file, "empty section name table");
}

TEST(ElfValidity, SectionNameTableWithoutNul) {
  ElfFile file = good_module();
  file.section(".shstrtab").sh_size--;
  expect_refused(file, "ELF Spec violation: section name table isn't null terminated");
}

TEST(ElfValidity, SectionZeroMustBeNull) {
  const char* text = "ELF Spec violation: section 0 type(0)!=SH_NULL or non-zero len or addr";
  ElfFile sized = good_module(), placed = good_module(), typed = good_module();
  sized.section(0u).sh_size = 1;
  expect_refused(sized, text);
  placed.section(0u).sh_addr = 1;
  expect_refused(placed, text);
  typed.section(0u).sh_type = SHT_PROGBITS;
  expect_refused(typed, "ELF Spec violation: section 0 type(1)!=SH_NULL or non-zero len or addr");
}

TEST(ElfValidity, SectionZeroTypeIsPrintedSigned) {
  ElfFile file = good_module();
  file.section(0u).sh_type = 0xffffffff;
  expect_refused(file, "ELF Spec violation: section 0 type(-1)!=SH_NULL or non-zero len or addr");
}

TEST(ElfValidity, SymbolTableWithoutStrings) {
  ElfFile file = good_module();
  file.section(".symtab").sh_link = SHN_UNDEF;
  expect_refused(file, "Invalid ELF sh_link!=SHN_UNDEF(0) or (sh_link(0) >= hdr->e_shnum(" +
                           std::to_string(file.header().e_shnum) + ")");
}

TEST(ElfValidity, SymbolTableLinkTooLargeIsPrintedSigned) {
  ElfFile file = good_module();
  file.section(".symtab").sh_link = 0xffffffff;
  expect_refused(file, "Invalid ELF sh_link!=SHN_UNDEF(-1) or (sh_link(-1) >= hdr->e_shnum(" +
                           std::to_string(file.header().e_shnum) + ")");
}

TEST(ElfValidity, SectionOutsideTheFile) {
  ElfFile file = good_module();
  file.section(".text").sh_size = file.bytes.size();
  expect_refused(file, "Invalid ELF section in module (section 2 type 1)");
}

TEST(ElfValidity, SectionEndWrapsAround) {
  ElfFile file = good_module();
  file.section(".text").sh_size = ~0ull;
  expect_refused(file, "Invalid ELF section in module (section 2 type 1)");
}

TEST(ElfValidity, NameOfAnAllocatedSectionOutsideTheTable) {
  ElfFile file = good_module();
  file.section(".text").sh_name = static_cast<uint32_t>(file.section(".shstrtab").sh_size);
  expect_refused(file, "Invalid ELF section name in module (section 2 type 1)");
}

// What Linux lets pass, so must we.

TEST(ElfValidity, NobitsMayLieAnywhere) {
  ElfFile file = good_module();
  file.section(".bss").sh_offset = ~0ull;
  auto view = View::parse(file);
  ASSERT_TRUE(view) << view.error().text;
  EXPECT_EQ(view->find(".bss")->size, 64u);
  EXPECT_TRUE(view->find(".bss")->bytes.empty());
}

TEST(ElfValidity, NullSectionMayLieAnywhereUnlessItGoesToMemory) {
  ElfFile file = good_module();
  file.section(".text").sh_type = SHT_NULL;
  file.section(".text").sh_offset = ~0ull;
  expect_refused(file,
                 "section 2 (.text): its 1 bytes at 0xffffffffffffffff are outside of the "
                 "file (" +
                     std::to_string(file.bytes.size()) + " bytes)");
  file.section(".text").sh_flags = 0;
  auto view = View::parse(file);
  ASSERT_TRUE(view) << view.error().text;
  EXPECT_TRUE(view->sections()[2].bytes.empty());
}

TEST(ElfValidity, NameOfOtherSectionsOutsideTheTableIsEmpty) {
  ElfFile file = good_module();
  file.section(".symtab").sh_name = file.section(".bss").sh_name = 0xffffffff;
  auto view = View::parse(file);
  ASSERT_TRUE(view) << view.error().text;
  EXPECT_EQ(view->symtab()->name, "");
  EXPECT_EQ(view->sections()[3].name, "");
}

TEST(ElfValidity, ClassAndByteOrderAreNotLookedAt) {
  ElfFile file = good_module();
  file.header().e_ident[EI_CLASS] = file.header().e_ident[EI_DATA] = 0;
  EXPECT_TRUE(View::parse(file));
}

}  // namespace
}  // namespace ring3::elf
