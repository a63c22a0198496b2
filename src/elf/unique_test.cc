// SPDX-License-Identifier: GPL-2.0-only
// The refusals of kernels that look for each section once: order and texts of 6.12.
#include <gtest/gtest.h>

#include "elf/elf_builder.h"
#include "elf/view.h"

namespace ring3::elf {
namespace {

constexpr Checks kUnique{.unique_sections = true};

ElfBuilder good_module() {
  ElfBuilder elf;
  elf.this_module("hello");
  elf.text(".text", "\xc3");
  elf.bss(".bss", 64);
  elf.undefined("_printk");
  return elf;
}

void expect_refused(const ElfFile& file, const std::string& text, const Checks& checks = kUnique) {
  auto view = View::parse(file, checks);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().text, text);
  EXPECT_EQ(view.error().code, ENOEXEC);
}

TEST(ElfUnique, AcceptsAGoodModule) {
  auto view = View::parse(good_module().build(), kUnique);
  EXPECT_TRUE(view) << view.error().text;
}

TEST(ElfUnique, PlacesComeBeforeNames) {
  ElfFile file = good_module().build();
  file.section(".text").sh_name = ~0u;
  expect_refused(file, "Invalid ELF section name in module (section 2 type 1)");
  file.section(".shstrtab").sh_type = SHT_PROGBITS;
  expect_refused(file, "Invalid ELF section name table type: 1");
}

TEST(ElfUnique, NamesOfSectionsOutsideOfMemoryCountToo) {
  ElfFile file = good_module().build();
  file.section(".symtab").sh_name = ~0u;
  auto view = View::parse(file, kUnique);
  ASSERT_FALSE(view);
  EXPECT_TRUE(view.error().text.starts_with("Invalid ELF section name in module"));
}

TEST(ElfUnique, NoSectionAtAll) {
  ElfFile file = good_module().build();
  file.header().e_shnum = 0;
  expect_refused(
      file, "Invalid ELF section name index: " + std::to_string(file.header().e_shstrndx) +
                " || e_shstrndx (" + std::to_string(file.header().e_shstrndx) + ") >= e_shnum (0)");
}

TEST(ElfUnique, TheStructModule) {
  const std::string about = "module hello: .gnu.linkonce.this_module ";
  ElfFile file = good_module().build();
  uint64_t size = file.section(".gnu.linkonce.this_module").sh_size;
  expect_refused(
      file, about + "section size must match the kernel's built struct module size at run time",
      {.unique_sections = true, .module_size = size + 1});
  EXPECT_TRUE(View::parse(file, {.unique_sections = true, .module_size = size}));
  file.section(".gnu.linkonce.this_module").sh_flags = 0;
  expect_refused(file, about + "must occupy memory during process execution");
  file.section(".gnu.linkonce.this_module").sh_type = SHT_NOBITS;
  expect_refused(file, about + "section must have a size set");
  file.section(".text").sh_name = file.section(".gnu.linkonce.this_module").sh_name;
  expect_refused(file,
                 "module hello: Exactly one "
                 ".gnu.linkonce.this_module section must exist.");
}

TEST(ElfUnique, TheSymbols) {
  ElfFile file = good_module().build();
  uint32_t link = file.section(".symtab").sh_link;
  file.section(".strtab").sh_type = SHT_PROGBITS;
  expect_refused(file, "Invalid ELF symbol string table type: 1");
  file.section(".symtab").sh_link = 0;
  expect_refused(file, "Invalid ELF sh_link!=SHN_UNDEF(0) or (sh_link(0) >= hdr->e_shnum(" +
                           std::to_string(file.header().e_shnum) + ")");
  file.section(".symtab").sh_link = link;
  file.section(".symtab").sh_type = SHT_PROGBITS;
  expect_refused(file, "hello: module has no symbols (stripped?)");
  EXPECT_EQ(log_level(View::parse(file, kUnique).error()), 4);
}

}  // namespace
}  // namespace ring3::elf
