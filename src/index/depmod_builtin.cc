// SPDX-License-Identifier: GPL-2.0-only
// The files about device nodes and about what is built into the kernel: modules.devname from
// aliases, modules.builtin.bin from the list of files that Kbuild wrote, modules.builtin.alias.bin
// from the .modinfo that it collected ("MODULE.TAG=VALUE", each with a NUL).
#include <fmt/format.h>

#include <cstring>

#include "base/bytes.h"
#include "base/text.h"
#include "host/file.h"
#include "index/depmod_output.h"
#include "index/module_names.h"

namespace ring3::index {
namespace {

constexpr std::string_view kDevnameHeader = "# Device nodes to trigger on-demand module loading.\n";

// "PREFIX-MAJOR-MINOR", both numbers.
bool read_node(std::string_view alias, std::string_view prefix, uint32_t& major, uint32_t& minor) {
  if (!alias.starts_with(prefix)) return false;
  alias.remove_prefix(prefix.size());
  auto first = parse_number(take_field(alias, '-')), second = parse_number(alias);
  if (!first || !second) return false;
  major = static_cast<uint32_t>(*first);
  minor = static_cast<uint32_t>(*second);
  return true;
}

// The file's text; empty and a note when it is not there.
std::vector<std::byte> read_beside(const DepmodInput& input, const char* name, DepmodNotes& notes) {
  auto text = host::read_file(fmt::format("{}/{}", input.folder, name));
  if (text) return text.take();
  notes.warning(fmt::format("could not open {} at {}: {}", name, input.folder,
                            std::strerror(text.error().code)));
  return {};
}

}  // namespace

std::string make_devnames(const DepmodInput& input, DepmodNotes& notes) {
  std::string out;
  for (size_t i = 0; i < input.modules.size(); i++) {
    std::string_view devname;
    char type = 0;
    uint32_t major = 0, minor = 0;
    input.contents.for_each_tag(i, [&](const Tag& tag) {
      if (tag.kind != Tag::Alias) return;
      constexpr std::string_view kDevname = "devname:";
      if (tag.value.starts_with(kDevname))
        devname = tag.value.substr(kDevname.size());
      else if (read_node(tag.value, "char-major-", major, minor))
        type = 'c';
      else if (read_node(tag.value, "block-major-", major, minor))
        type = 'b';
    });
    if (devname.empty()) continue;
    if (!type) {
      notes.error(
          fmt::format("Module '{}' has devname ({}) but lacks major and minor information. "
                      "Ignoring.",
                      input.modules[i].name, devname));
      continue;
    }
    if (out.empty()) out = kDevnameHeader;
    out += fmt::format("{} {} {}{}:{}\n", input.modules[i].name, devname, type, major, minor);
  }
  return out;
}

std::string make_builtin_trie(const DepmodInput& input, DepmodNotes& notes) {
  std::vector<std::byte> text = read_beside(input, "modules.builtin", notes);
  Arena names;
  std::vector<IndexEntry> entries;
  for_each_line(as_text(text), [&](std::string_view line) {
    if (is_module_file(line)) entries.push_back({names.copy(module_name_of(line)), "", 0});
  });
  return make_trie(std::move(entries), "builtin module", input, notes);
}

std::string make_builtin_alias_trie(const DepmodInput& input, DepmodNotes& notes) {
  std::vector<std::byte> text = read_beside(input, "modules.builtin.modinfo", notes);
  std::string_view rest = as_text(text);
  Arena keys;
  std::vector<IndexEntry> entries;
  while (!rest.empty()) {
    std::string_view value = take_field(rest, '\0');
    std::string_view module = take_field(value, '.');
    constexpr std::string_view kAlias = "alias=";
    if (!value.starts_with(kAlias)) continue;
    value.remove_prefix(kAlias.size());
    auto key = normalized_alias(value);
    if (key)
      entries.push_back({keys.copy(*key), module, 0});
    else
      notes.warning(fmt::format("Unmatched bracket in {}", value));
  }
  return make_trie(std::move(entries), "builtin module alias", input, notes);
}

}  // namespace ring3::index
