// SPDX-License-Identifier: GPL-2.0-only
// Who exports what: the symbols of all modules, and those of the kernel itself if they are known
// (-E Module.symvers, -F System.map). Of several modules that export one name the last one counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "index/depmod_contents.h"
#include "index/depmod_log.h"
#include "index/name_table.h"

namespace ring3::index {

class Symbols {
 public:
  static constexpr uint32_t kKernel = UINT32_MAX;  // an owner

  struct Symbol {
    uint32_t owner = kKernel;
    uint64_t crc = 0;
  };

  // `prefix` is a character that stands before each name on some machines; 0: none.
  explicit Symbols(char prefix = 0) : prefix_(prefix) {}

  // The kernel's, before the modules'.
  Result<void> add_symvers(const std::string& file, DepmodLog& log);
  Result<void> add_system_map(const std::string& file, DepmodLog& log);
  void add_modules(const Contents& contents);

  // The symbol that a module means by `name`; NameTable::kNone: nobody exports it.
  uint32_t find(std::string_view name) const;
  const Symbol& symbol(uint32_t number) const { return symbols_[number]; }
  std::string_view name(uint32_t number) const { return names_.name(number); }
  // Those of modules, in the order of modules.symbols.
  std::vector<uint32_t> in_order() const;

 private:
  void add(std::string_view name, Symbol symbol);
  std::string_view without_prefix(std::string_view name) const;
  void add_fakes();

  char prefix_;
  NameTable names_;
  std::vector<Symbol> symbols_;
};

}  // namespace ring3::index
