// SPDX-License-Identifier: GPL-2.0-only
// What modprobe prints instead of doing something: the configuration with the indexes, the symbol
// versions that a file wants, those that it exports.
#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "elf/view.h"
#include "host/file.h"
#include "index/module_file.h"
#include "kmod/messages.h"
#include "modprobe.h"

namespace ring3::kmod {
namespace {

// Text gathered for stdout.
class Output {
 public:
  ~Output() { flush(); }
  template <class... Parts>
  void line(Parts... parts) {
    (text_.append(parts), ...);
    text_ += '\n';
    if (text_.size() > kEnough) flush();
  }

 private:
  static constexpr size_t kEnough = 60000;
  void flush() {
    std::fwrite(text_.data(), 1, text_.size(), stdout);
    text_.clear();
  }
  std::string text_;
};

}  // namespace

bool Modprobe::show_config() {
  if (options_.json) {
    show_config_json();
    return true;
  }
  Output out;
  for (const auto& entry : config_.blacklist) out.line("blacklist ", entry.module);
  for (const auto& entry : config_.install) out.line("install ", entry.pattern, " ", entry.command);
  for (const auto& entry : config_.remove) out.line("remove ", entry.pattern, " ", entry.command);
  for (const auto& entry : config_.aliases) out.line("alias ", entry.pattern, " ", entry.module);
  for (const auto& entry : config_.options) out.line("options ", entry.module, " ", entry.text);
  for (const auto& entry : config_.softdeps) out.line("softdep ", entry.pattern, " ", entry.text());
  for (const auto& entry : config_.weakdeps)
    out.line("weakdep ", entry.pattern, " ", fmt::format("{}", fmt::join(entry.names, " ")));
  out.line("");
  out.line("# End of configuration files. Dumping indexes now:");
  out.line("");
  for (index::IndexFile* file : {&lookup_.aliases(), &lookup_.symbols()})
    file->for_each(
        [&](std::string_view key, std::string_view value) { out.line("alias ", key, " ", value); });
  return true;
}

void Modprobe::show_config_json() {
  using nlohmann::ordered_json;
  ordered_json all;
  auto place = [&](ordered_json entry, const index::Origin& origin) {
    entry["file"] = config_.files[origin.file];
    entry["line"] = origin.line;
    return entry;
  };
  for (const char* list : {"blacklist", "install", "remove", "alias", "options", "softdep",
                           "weakdep", "index_alias", "index_symbol"})
    all[list] = ordered_json::array();
  for (const auto& e : config_.blacklist)
    all["blacklist"].push_back(place({{"module", e.module}}, e.origin));
  for (const auto& [list, commands] :
       {std::pair("install", &config_.install), std::pair("remove", &config_.remove)})
    for (const auto& e : *commands)
      all[list].push_back(place({{"module", e.pattern}, {"command", e.command}}, e.origin));
  for (const auto& e : config_.aliases)
    all["alias"].push_back(place({{"alias", e.pattern}, {"module", e.module}}, e.origin));
  for (const auto& e : config_.options)
    all["options"].push_back(place({{"module", e.module}, {"options", e.text}}, e.origin));
  for (const auto& e : config_.softdeps)
    all["softdep"].push_back(
        place({{"module", e.pattern}, {"pre", e.before}, {"post", e.after}}, e.origin));
  for (const auto& e : config_.weakdeps)
    all["weakdep"].push_back(place({{"module", e.pattern}, {"modules", e.names}}, e.origin));
  for (const auto& index : {std::pair("index_alias", &lookup_.aliases()),
                            std::pair("index_symbol", &lookup_.symbols())})
    index.second->for_each([&](std::string_view key, std::string_view value) {
      all[index.first].push_back({{"alias", key}, {"module", value}});
    });
  fmt::print("{}\n", all.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

void Modprobe::finish() {
  if (!options_.show_depends || !options_.json) return;
  using nlohmann::ordered_json;
  ordered_json all = ordered_json::array();
  for (const Action& action : actions_) {
    ordered_json entry{{"action", action.action}, {"module", action.module}};
    if (!action.path.empty()) entry["path"] = action.path;
    if (!action.command.empty()) entry["command"] = action.command;
    if (action.action != "builtin") entry["options"] = action.options;
    all.push_back(std::move(entry));
  }
  fmt::print("{}\n", all.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

// A file, or the file of a module's name.
std::string Modprobe::file_of(const std::string& text) {
  if (host::stat_file(text).exists) return text;
  for (const index::Found& found : lookup_.resolve(text))
    if (const index::DependencyEntry* entry = lookup_.entry(found.name)) return entry->path;
  return "";
}

bool Modprobe::show_modversions(const std::string& text) {
  std::string path = file_of(text);
  if (path.empty()) {
    complain(fmt::format("Module {} not found.", text));
    return false;
  }
  auto file = elf::read_module_file(path);
  auto view = file ? elf::View::parse(file->bytes) : Result<elf::View>(file.error());
  if (!view) {
    complain(
        fmt::format("could not get modversions of {}: {}", text, std::strerror(view.error().code)));
    if (!view.error().text.empty()) messages().cause(view.error().text);
    return false;
  }
  if (view->versions().empty()) {
    complain(fmt::format("could not get modversions of {}: {}", text, std::strerror(ENODATA)));
    return false;
  }
  for (const elf::Version& version : view->versions())
    fmt::print("0x{:08x}\t{}\n", version.crc, version.name);
  return true;
}

bool Modprobe::show_exports(const std::string& text) {
  std::string path = file_of(text);
  if (path.empty()) {
    complain(fmt::format("Module {} not found.", text));
    return false;
  }
  index::ModuleFile file;
  auto opened = file.open(path);
  auto exports = opened ? file.exports(true)
                        : Result<std::span<const index::ModuleFile::Export>>(opened.error());
  if (exports && exports->empty()) exports = Error{ENODATA, ""};
  if (!exports) {
    complain(
        fmt::format("could not get symbols of {}: {}", text, std::strerror(exports.error().code)));
    return false;
  }
  for (const auto& symbol : *exports) fmt::print("0x{:08x}\t{}\n", symbol.crc, symbol.name);
  return true;
}

}  // namespace ring3::kmod
