// SPDX-License-Identifier: GPL-2.0-only
// The state that the passes of link.cc share, and their declarations. Each pass lives in a file of
// its own name; which order they run in, and what holds between them, is said in link.cc alone.
#pragma once

#include <string>
#include <vector>

#include "link/image.h"

namespace ring3::link {

class Linker {
 public:
  Linker(const elf::View& view, const LinkOptions& options, Resolver& resolver, LinkLog& log,
         Image& image)
      : view_(view), options_(options), resolver_(resolver), log_(log), image_(image) {}

  Result<void> layout();
  Result<void> place();
  Result<void> resolve();
  Result<void> relocate();
  Result<void> patch();
  Result<void> protect();

 private:
  Result<void> refuse_writable_code() const;
  void classify_sections();
  Result<void> group_sections();
  void count_symbols();
  void report_sizes();
  Result<void> place_percpu();
  Result<uint64_t> value_of(const elf::Symbol& symbol);
  Result<uint64_t> undefined(const elf::Symbol& symbol);
  char letter_of(const elf::Symbol& symbol) const;
  bool in_core(const elf::Symbol& symbol) const;
  Result<void> relocate_section(const elf::Relocations& relocations, std::byte* bytes);
  Error relocation_error(const elf::Relocations& relocations, size_t entry, const char* what) const;

  uint32_t& flags(const elf::Section& section) { return flags_[section.index]; }

  const elf::View& view_;
  const LinkOptions& options_;
  Resolver& resolver_;
  LinkLog& log_;
  Image& image_;

  std::vector<uint32_t> flags_;    // by section: what Linux makes of sh_flags (layout.cc)
  std::vector<uint64_t> offsets_;  // by section: in its region
  const elf::Section* percpu_ = nullptr;
  uint64_t kallsyms_core_ = 0;  // size of data, and of init data, with the tables of kallsyms
  uint64_t kallsyms_init_ = 0;
  std::vector<uint64_t> values_;  // by symbol: the final value, dense for relocate
};

}  // namespace ring3::link
