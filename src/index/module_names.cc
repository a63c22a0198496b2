// SPDX-License-Identifier: GPL-2.0-only
#include "index/module_names.h"

namespace ring3::index {

std::string_view without_packing(std::string_view path) {
  for (std::string_view packing : {".gz", ".xz", ".zst"})
    if (path.ends_with(packing)) return path.substr(0, path.size() - packing.size());
  return path;
}

bool is_module_file(std::string_view file) {
  file = without_packing(file);
  return file.size() > 3 && file.ends_with(".ko");
}

std::string module_name_of(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  std::string name(path.substr(0, path.find('.')));
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

std::optional<std::string> normalized_alias(std::string_view alias) {
  std::string key(alias);
  for (size_t i = 0; i < key.size(); i++) {
    if (key[i] == '-') key[i] = '_';
    if (key[i] == ']') return std::nullopt;
    if (key[i] != '[') continue;
    i = key.find(']', i);
    if (i == std::string::npos) return std::nullopt;
  }
  return key;
}

}  // namespace ring3::index
