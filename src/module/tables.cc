// SPDX-License-Identifier: GPL-2.0-only
#include "module/tables.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstring>

#include "module/loader.h"

namespace ring3::module {
namespace {

constexpr uint64_t kPointer = sizeof(void*);

// A setter, getter or destructor of parameters: the module's own or one of the kernel API's.
bool callable(const Module& module, const LoaderServices& services, uint64_t address) {
  if (!address || module.image->contains_text(address)) return true;
  for (const Module* used : module.uses)
    if (used->image->contains_text(address)) return true;
  return services.binding->symbolise({address}).has_value();
}

template <class Function>
uint64_t address_of(Function* function) {
  return reinterpret_cast<uint64_t>(function);
}

}  // namespace

Error TableEntry::leads_nowhere(std::string_view member, uint64_t address) const {
  return Error{ENOEXEC, fmt::format("{}: {}[{}].{} is {:#x}, where nothing of the module is; the "
                                    "file is damaged",
                                    module_.name, section_, number_, member, address)};
}

Result<std::string_view> TableEntry::text(std::string_view member, uint64_t address) const {
  if (auto text = module_.image->text_at(address)) return *text;
  return leads_nowhere(member, address);
}

Result<void> TableEntry::object(std::string_view member, uint64_t address, uint64_t size) const {
  if (!module_.resolver->readable({address}, size)) return leads_nowhere(member, address);
  return {};
}

Result<void> TableEntry::structure(std::string_view member, uint64_t address, uint64_t size) const {
  if (address % kPointer == 0) return object(member, address, size);
  return Error{ENOEXEC, fmt::format("{}: {}[{}].{} is {:#x}, where no struct can be: it is not "
                                    "aligned; the file is damaged",
                                    module_.name, section_, number_, member, address)};
}

Result<void> check_aligned(const Module& module, std::string_view section, uint64_t align) {
  uint64_t address = module.image->section_address(section).value;
  if (address % align == 0) return {};
  return Error{ENOEXEC, fmt::format("{}: section {} is at {:#x}, its entries need an alignment of "
                                    "{}; the file is damaged",
                                    module.name, section, address, align)};
}

Result<void> check_tables(const Module& module, const LoaderServices& services) {
  for (const char* section : {"__param", "__dyndbg", "__dyndbg_classes"})
    TRY(check_aligned(module, section, kPointer));
  for (const char* section : {"__ksymtab", "__ksymtab_gpl"})
    TRY(check_aligned(module, section, alignof(RelativeSymbol)));
  auto params = module.image->section("__param");
  for (size_t i = 0; i < params.size() / sizeof_kernel_param(); i++) {
    TableEntry entry(module, "__param", i);
    auto* param =
        reinterpret_cast<const k::kernel_param*>(params.data() + i * sizeof_kernel_param());
    TRY(entry.text("name", address_of(kernel_param_name(param))));
    const k::kernel_param_ops* ops = kernel_param_ops(param);
    TRY(entry.structure("ops", address_of(ops), sizeof_kernel_param_ops()));
    if (!module.image->region_of(address_of(ops))) {  // its owner was checked
      if (services.check_param_argument) TRY(services.check_param_argument(entry, param));
      continue;
    }
    for (uint64_t function :
         {address_of(kernel_param_ops_set(ops)), address_of(kernel_param_ops_get(ops)),
          address_of(kernel_param_ops_free(ops))})
      if (!callable(module, services, function))
        return Error{ENOEXEC, fmt::format("{}: a function of parameter {} is at {:#x}, where no "
                                          "code is; the file is damaged",
                                          module.name, kernel_param_name(param), function)};
  }
  auto bugs = module.image->section("__bug_table");
  for (size_t i = 0; i < bugs.size() / sizeof(RelativeBug); i++) {
    // The section may begin anywhere.
    const std::byte* place = bugs.data() + i * sizeof(RelativeBug) + offsetof(RelativeBug, file);
    int32_t distance;
    std::memcpy(&distance, place, sizeof(distance));
    if (distance)
      TRY(TableEntry(module, "__bug_table", i)
              .text("file", address_of(place) + static_cast<uint64_t>(int64_t{distance})));
  }
  return services.check_debug_sites ? services.check_debug_sites(module) : Result<void>{};
}

}  // namespace ring3::module
