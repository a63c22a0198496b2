// SPDX-License-Identifier: GPL-2.0-only
// .modinfo: the input is the section of an otherwise whole module. The loader's reader (src/elf)
// and depmod's (src/index) look at it; both must keep inside of it and see the same entries.
#include <algorithm>
#include <cstdlib>

#include "elf/elf_builder.h"
#include "elf/view.h"
#include "index/module_file.h"

namespace {

using namespace ring3;

#define PROMISED(condition)         \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

using Entries = std::vector<std::pair<std::string, std::string>>;

Entries of_loader(Bytes file) {
  auto view = elf::View::parse(file, {.unique_sections = false, .module_size = 0});
  PROMISED(view.ok());
  Entries entries;
  for (const auto& [tag, value] : view->modinfo_entries()) {
    entries.emplace_back(tag, value);
    PROMISED(view->modinfo(tag).has_value());
    auto all = view->modinfo_all(tag);
    PROMISED(std::find(all.begin(), all.end(), value) != all.end());
    PROMISED(view->modinfo(tag) == all.front());
  }
  return entries;
}

// As "tag=value" only: what else stands in the section is modinfo's to show.
Entries of_depmod(Bytes file) {
  index::ModuleFile module;
  PROMISED(module.open_bytes(file).ok());
  Entries entries;
  auto found = module.modinfo();
  if (!found) return entries;
  for (std::string_view entry : *found) {
    size_t equals = entry.find('=');
    if (equals != entry.npos)
      entries.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return entries;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  elf::ElfBuilder builder;
  builder.rodata(".modinfo", {reinterpret_cast<const char*>(data), size});
  elf::ElfFile file = builder.build();
  PROMISED(of_loader(file) == of_depmod(file));
  return 0;
}
