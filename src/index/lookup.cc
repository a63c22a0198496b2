// SPDX-License-Identifier: GPL-2.0-only
#include "index/lookup.h"

#include "base/text.h"
#include "index/module_names.h"
#include "index/names.h"

namespace ring3::index {

Lookup::Lookup(std::string folder, const Config& config, Diagnostics& diagnostics)
    : folder_(std::move(folder)),
      config_(config),
      dep_(IndexKind::kDep, folder_, diagnostics),
      aliases_(IndexKind::kAlias, folder_, diagnostics),
      symbols_(IndexKind::kSymbols, folder_, diagnostics),
      builtin_(IndexKind::kBuiltin, folder_, diagnostics),
      builtin_aliases_(IndexKind::kBuiltinAlias, folder_, diagnostics) {}

std::vector<Found> Lookup::in_config(const std::string& text) const {
  std::vector<Found> found;
  for (const ConfigAlias& alias : config_.aliases)
    if (matches(alias.pattern, text)) found.push_back({alias.module, alias.pattern, false});
  return found;
}

std::vector<Found> Lookup::in_commands(const std::string& text) const {
  for (const ConfigCommand& command : config_.install)
    if (command.pattern == text) return {{normal_name(text), "", false}};
  return {};
}

std::vector<Found> Lookup::named(const std::string& text) {
  // No module's name has a colon, and most aliases have.
  if (text.find(':') != std::string::npos || !dep_.find(text)) return {};
  return {{text, "", false}};
}

std::vector<Found> Lookup::in_builtin(const std::string& text) {
  if (builtin_.find(text)) return {{text, "", true}};
  std::vector<Found> found;
  for (std::string_view name : builtin_aliases_.match(text))
    found.push_back({std::string(name), text, true});
  return found;
}

std::vector<Found> Lookup::resolve(std::string_view asked) {
  auto normal = normalized_alias(asked);
  if (!normal) return {};
  const std::string& text = *normal;
  if (auto found = in_config(text); !found.empty()) return found;
  if (auto found = named(text); !found.empty()) return found;
  std::vector<Found> found;
  if (text.starts_with("symbol:"))
    for (std::string_view name : symbols_.match(text))
      found.push_back({std::string(name), text, false});
  if (!found.empty()) return found;
  if (found = in_commands(text); !found.empty()) return found;
  for (std::string_view name : aliases_.match(text))
    found.push_back({std::string(name), text, false});
  if (!found.empty()) return found;
  return in_builtin(text);
}

std::vector<Found> Lookup::resolve_name(std::string_view asked) {
  std::string text = normal_name(asked);
  if (auto found = named(text); !found.empty()) return found;
  return in_builtin(text);
}

const DependencyEntry* Lookup::entry(const std::string& name) {
  if (auto known = entries_.find(name); known != entries_.end()) return &known->second;
  auto line = dep_.find(name);
  size_t colon = line ? line->find(':') : std::string_view::npos;
  if (colon == std::string_view::npos) return nullptr;
  auto absolute = [this](std::string_view path) {
    return path.starts_with('/') ? std::string(path) : folder_ + "/" + std::string(path);
  };
  DependencyEntry entry{absolute(line->substr(0, colon)), {}};
  std::string_view rest = line->substr(colon + 1);
  while (!rest.empty()) {
    std::string_view path = take_field(rest, ' ');
    if (!path.empty()) entry.dependencies.push_back({module_name_of(path), absolute(path)});
  }
  // The file has what is needed directly first.
  std::vector<DependencyEntry::File> deepest_first(
      std::make_move_iterator(entry.dependencies.rbegin()),
      std::make_move_iterator(entry.dependencies.rend()));
  entry.dependencies = std::move(deepest_first);
  return &entries_.emplace(name, std::move(entry)).first->second;
}

bool Lookup::builtin(const std::string& name) { return builtin_.find(name).has_value(); }

void Lookup::set_path(const std::string& name, const std::string& path) {
  const DependencyEntry* known = entry(name);
  DependencyEntry changed = known ? *known : DependencyEntry{};
  changed.path = path;
  entries_[name] = std::move(changed);
}

}  // namespace ring3::index
