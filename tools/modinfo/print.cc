// SPDX-License-Identifier: GPL-2.0-only
#include "print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "kmod/messages.h"

namespace ring3::kmod {

using nlohmann::ordered_json;

struct Printer::Json {
  ordered_json all = ordered_json::array();
};

Printer::Printer(const PrintOptions& options) : options_(options) {
  if (options.json) json_ = std::make_unique<Json>();
}
Printer::~Printer() { flush(); }

std::vector<Parameter> parameters(const ModuleInfo& info) {
  std::vector<Parameter> list;
  for (const InfoEntry& entry : info.entries) {
    bool describes = entry.key == "parm";
    if (!describes && entry.key != "parmtype") continue;
    std::string_view value = entry.value;
    size_t colon = value.find(':');
    if (colon == std::string_view::npos) {
      messages().error(fmt::format("Found invalid \"{}={}\": missing ':'", entry.key, value));
      continue;
    }
    std::string_view name = value.substr(0, colon);
    auto known =
        std::find_if(list.begin(), list.end(), [&](const Parameter& p) { return p.name == name; });
    if (known == list.end()) known = list.insert(list.end(), Parameter{name, {}, {}});
    (describes ? known->description : known->type) = value.substr(colon + 1);
    (describes ? known->described : known->typed) = true;
  }
  std::reverse(list.begin(), list.end());
  return list;
}

void Printer::flush() {
  std::fwrite(out_.data(), 1, out_.size(), stdout);
  out_.clear();
}

void Printer::line(std::string_view key, std::string_view text) {
  if (options_.separator == '\0') {
    out_.append(key).append("=");
  } else {
    constexpr size_t kColumn = 15;  // a longer key is followed by as many blanks as it is longer
    size_t blanks = key.size() < kColumn ? kColumn - key.size() : key.size() - kColumn;
    out_.append(key).append(":").append(blanks, ' ');
  }
  value(text);
}

void Printer::value(std::string_view text) {
  out_.append(text);
  out_ += options_.separator;
}

void Printer::begin(const ModuleInfo& info) {
  if (json_) return;
  if (options_.field.empty()) {
    if (info.builtin) line("name", info.name);
    line("filename", info.filename);
  } else if (options_.field == "filename") {
    value(info.filename);
  } else if (options_.field == "name" && info.builtin) {
    value(info.name);
  }
}

namespace {

std::string with_type(const Parameter& parameter) {
  if (!parameter.described) return fmt::format("{}:{}", parameter.name, parameter.type);
  std::string text = fmt::format("{}:{}", parameter.name, parameter.description);
  return parameter.typed ? fmt::format("{} ({})", text, parameter.type) : text;
}

bool may_repeat(std::string_view key) {
  for (std::string_view name :
       {"alias", "author", "firmware", "softdep", "weakdep", "import_ns", "depends"})
    if (key == name) return true;
  return false;
}

ordered_json to_json(const ModuleInfo& info, index::ModuleFile* file) {
  ordered_json entry{{"filename", info.filename}, {"module", info.name}};
  for (const InfoEntry& e : info.entries) {
    if (e.key == "parm" || e.key == "parmtype") continue;
    std::string key(e.key);
    if (key == "depends") {
      ordered_json names = ordered_json::array();
      std::string_view rest = e.value;
      while (!rest.empty()) {
        size_t comma = std::min(rest.find(','), rest.size());
        if (comma > 0) names.push_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
      entry[key] = std::move(names);
    } else if (may_repeat(key)) {
      entry[key].push_back(e.value);
    } else if (key == "sig_key" || key == "signature") {
      std::string text = e.value;
      std::erase_if(text, [](char c) { return c == '\n' || c == '\t'; });
      entry[key] = text;
    } else {
      entry[key] = e.value;
    }
  }
  ordered_json list = ordered_json::array();
  for (const Parameter& p : parameters(info)) {
    ordered_json one{{"name", p.name}};
    if (p.described) one["description"] = p.description;
    if (p.typed) one["type"] = p.type;
    list.insert(list.begin(), std::move(one));
  }
  entry["parm"] = std::move(list);
  if (file)
    if (std::string id = build_id(*file); !id.empty()) entry["build_id"] = id;
  return entry;
}

}  // namespace

void Printer::one_field(const ModuleInfo& info, index::ModuleFile* file) {
  if (options_.field == "parm") {
    for (const Parameter& p : parameters(info))
      value(p.described ? with_type(p) : fmt::format("{}: ({})", p.name, p.type));
    return;
  }
  for (const InfoEntry& entry : info.entries)
    if (entry.key == options_.field) value(entry.value);
  if (file && (options_.field == "build-id" || options_.field == "build_id"))
    if (std::string id = build_id(*file); !id.empty()) value(id);
}

void Printer::entries(const ModuleInfo& info, index::ModuleFile* file) {
  constexpr size_t kEnough = 60000;
  if (json_) {
    json_->all.push_back(to_json(info, file));
    return;
  }
  if (!options_.field.empty()) {
    one_field(info, file);
  } else {
    for (const InfoEntry& entry : info.entries)
      if (entry.key != "parm" && entry.key != "parmtype") line(entry.key, entry.value);
    for (const Parameter& p : parameters(info)) line("parm", with_type(p));
  }
  if (out_.size() > kEnough) flush();
}

void Printer::finish() {
  if (json_) out_ += json_->all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  flush();
}

}  // namespace ring3::kmod
