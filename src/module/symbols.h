// SPDX-License-Identifier: GPL-2.0-only
// From addresses to names: the symbols of loaded modules and of the kernel API, as kallsyms answers
// them and as %pS prints them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kapi/binding.h"
#include "module/registry.h"

namespace ring3::module {

struct NamedAddress {
  std::string_view name;
  uint64_t offset = 0;
  uint64_t size = 0;
  Module* module = nullptr;  // null: the kernel API's
};

std::optional<NamedAddress> find_symbol(const Registry& registry, const kapi::Binding& binding,
                                        uint64_t address);

// "name+0x10/0x20 [module]", without "+0x10/0x20" when `offset` is false; "0x..." when unknown.
std::string symbol_text(const Registry& registry, const kapi::Binding& binding, uint64_t address,
                        bool offset, bool return_address = false);

}  // namespace ring3::module
