// SPDX-License-Identifier: GPL-2.0-only
#include "target/builtin.h"

#include <bpf/btf.h>
#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "host/file.h"
#include "target/boot_image.h"
#include "target/elf_section.h"

namespace ring3::target {
namespace {

struct Layout {
  uint64_t size = 0, name = 0, perm = 0;
};

// Of struct kernel_param.
std::optional<Layout> layout_of(const Btf& btf) {
  for (TypeId id = 1; id < btf.type_count(); id++) {
    if (btf.kind(id) != BTF_KIND_STRUCT || btf.name(id) != "kernel_param") continue;
    Layout layout{.size = btf.size(id).value_or(0)};
    const btf_type* type = btf.type(id);
    const btf_member* members = btf_members(type);
    for (unsigned i = 0; i < btf_vlen(type); i++) {
      uint64_t offset = btf_member_bit_offset(type, i) / 8;
      if (btf.name_at(members[i].name_off) == "name") layout.name = offset;
      if (btf.name_at(members[i].name_off) == "perm") layout.perm = offset;
    }
    if (layout.size == 0 || layout.perm == 0) return std::nullopt;
    return layout;
  }
  return std::nullopt;
}

// modules.builtin.modinfo has NUL-terminated "NAME.tag=value": versions, and who has parameters at
// all where no image told more.
void add_modinfo(KernelTree& tree, BuiltinModules& modules) {
  bool parameters = modules.empty();
  std::optional<std::string> text;
  for (const std::string& folder :
       {tree.kdir(), fmt::format("{}/{}", tree.places().modules, tree.release())})
    if (!text) text = tree.read(folder + "/modules.builtin.modinfo");
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    std::string_view entry = take_field(rest, '\0');
    std::string_view name = take_field(entry, '.');
    std::string_view tag = take_field(entry, '=');
    if (tag == "version")
      modules[std::string(name)] = entry;
    else if (parameters && tag == "parmtype")
      modules.try_emplace(std::string(name));
  }
}

}  // namespace

std::set<std::string> names_with_parameters(Bytes kernel, const Btf& btf) {
  std::set<std::string> names;
  auto layout = layout_of(btf);
  auto table = find_section(kernel, "__param", "kernel");
  if (!layout || !table) return names;
  for (uint64_t at = 0; at + layout->size <= table->size(); at += layout->size) {
    auto address = read_at<uint64_t>(*table, at + layout->name);
    auto perm = read_at<uint16_t>(*table, at + layout->perm);
    if (!address || !perm || *perm == 0) continue;
    auto name = string_at(bytes_at(kernel, *address), 0);
    if (!name) continue;
    size_t dot = name->find('.');
    names.emplace(dot == name->npos ? "kernel" : name->substr(0, dot));
  }
  return names;
}

BuiltinModules builtin_modules(KernelTree& tree, const Btf& btf, std::set<std::string> names) {
  std::string path = tree.boot_image();
  if (names.empty() && tree.uses(path)) {
    // What is wrong with the image is told where it is needed, for its BTF.
    auto read = [&]() -> Result<void> {
      auto file = TRY(host::MappedFile::open(path));
      std::vector<std::byte> kernel =
          TRY(unpack_boot_image(TRY(parse_boot_image(file.bytes(), path)), path));
      names = names_with_parameters(kernel, btf);
      return {};
    };
    (void)read();
  }
  BuiltinModules modules;
  for (const std::string& name : names) modules.try_emplace(name);
  add_modinfo(tree, modules);
  return modules;
}

}  // namespace ring3::target
