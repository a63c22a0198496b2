// SPDX-License-Identifier: GPL-2.0-only
// src/elf with arbitrary bytes: unpack if packed, split off the signature, parse, and then use the
// view as the later passes do, touching every byte that it promises. What View says of an accepted
// file is checked here, not only that nothing is read outside.
#include <cstdlib>

#include "elf/view.h"

namespace {

using ring3::Bytes;
using ring3::elf::View;

// 1 MiB: a bomb must end at the limit, and a run must stay fast.
constexpr uint64_t kLimit = 1 << 20;
// Where `name` stands in struct module; the second is nonsense.
constexpr uint64_t kNameOffsets[] = {24, ~0ull};

#define PROMISED(condition)         \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

volatile uint64_t sink;  // keeps the reads

void touch(Bytes bytes) {
  uint64_t sum = 0;
  for (std::byte byte : bytes) sum += static_cast<uint64_t>(byte);
  sink = sink + sum;
}
void touch(std::string_view text) { touch(ring3::as_bytes(text)); }

bool inside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

uint64_t width(uint64_t type) {
  switch (type) {
    case R_X86_64_64:
    case R_X86_64_PC64:
      return 8;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
    case R_X86_64_32:
    case R_X86_64_32S:
      return 4;
    default:
      return 0;
  }
}

void use_sections(const View& view, Bytes file) {
  for (const ring3::elf::Section& section : view.sections()) {
    touch(section.name);
    PROMISED(inside(section.bytes, file));
    PROMISED(section.bytes.empty() || section.bytes.size() == section.size);
    PROMISED(!section.alloc() || section.type == SHT_NOBITS ||
             section.bytes.size() == section.size);
    touch(section.bytes);
    if (section.index) PROMISED(view.find(section.name) != nullptr);
  }
}

void use_symbols(const View& view) {
  for (const ring3::elf::Symbol& symbol : view.symbols()) touch(symbol.name);
}

void use_relocations(const View& view) {
  for (const ring3::elf::Relocations& relocations : view.relocations()) {
    PROMISED(relocations.target->alloc());
    for (const Elf64_Rela& entry : relocations.entries) {
      PROMISED(ELF64_R_SYM(entry.r_info) < view.symbols().size());
      uint64_t bytes = width(ELF64_R_TYPE(entry.r_info));
      PROMISED(!bytes || (entry.r_offset < relocations.target->size &&
                          bytes <= relocations.target->size - entry.r_offset));
    }
  }
}

void use_tables(const View& view) {
  for (const auto& [tag, value] : view.modinfo_entries()) {
    touch(value);
    PROMISED(view.modinfo(tag).has_value());
    PROMISED(!view.modinfo_all(tag).empty());
  }
  for (const ring3::elf::Version& version : view.versions()) touch(version.name);
  touch(view.build_id());
  for (uint64_t offset : kNameOffsets) {
    touch(view.name(offset));
    auto checked = view.check_module(offset);
    if (!checked) PROMISED(checked.error().code == ENOEXEC && !checked.error().text.empty());
    if (checked) PROMISED(view.symtab() && view.strtab() && view.this_module());
  }
}

void use_file(Bytes file) {
  auto signature = ring3::elf::find_signature(file);
  if (signature) {
    PROMISED(signature->elf_size <= file.size());
    PROMISED(inside(signature->info, file) && inside(signature->pkcs7, file));
    touch(signature->info);
    touch(signature->pkcs7);
    file = file.first(signature->elf_size);
  }
  for (bool unique : {false, true}) {
    auto view = View::parse(file, {.unique_sections = unique, .module_size = 0});
    if (!view) {
      PROMISED(view.error().code == ENOEXEC && !view.error().text.empty());
      continue;
    }
    View moved = view.take();  // as callers keep it
    use_sections(moved, file);
    use_symbols(moved);
    use_relocations(moved);
    use_tables(moved);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Bytes in memory of their own size: one byte read too much is seen by asan.
  Bytes input{reinterpret_cast<const std::byte*>(data), size};
  auto unpacked = ring3::elf::decompress(input, "input", kLimit);
  if (unpacked) {
    PROMISED(unpacked->size() <= kLimit);
    std::vector<std::byte> tight(unpacked->begin(), unpacked->end());
    use_file(tight);
  } else {
    PROMISED(unpacked.error().code == EINVAL || unpacked.error().code == EFBIG);
  }
  use_file(input);
  return 0;
}
