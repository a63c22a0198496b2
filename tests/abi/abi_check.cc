// SPDX-License-Identifier: GPL-2.0-only
#include "abi/abi_check.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/encode.h"
#include "kapi/binding.h"

namespace ring3::abi {
namespace {

using kapi::Kind;
using kapi::Record;

std::string place(const char* file, int line) { return fmt::format("({}:{})", file, line); }

// "a512[s8(list_head)]" is an array of list_head; empty when no struct is at the bottom of it.
std::string_view struct_in(std::string_view type) {
  while (type.starts_with('a')) {
    type.remove_prefix(type.find('[') + 1);
    type.remove_suffix(1);
  }
  if (!type.starts_with('s')) return "";
  type.remove_prefix(type.find('(') + 1);
  return type.substr(0, type.size() - 1);
}

// What is wrong with a function for a kernel, or nothing.
std::string wrong_function(const Record& record, const target::Export& exported,
                           const HeaderType* header) {
  if (record.kind == Kind::kAssembly) return "";  // headers tell the thunks of it as bytes
  if (header && !header->function) return "ours is a function, the kernel's headers declare data";
  if (!kapi::fits(record, exported))
    return fmt::format("ours is {}, the kernel's BTF has {}", record.prototype, exported.prototype);
  bool open = exported.prototype.empty() || exported.prototype == "v()";
  if (open && record.prototype && header && !same_type(record.prototype, header->type))
    return fmt::format("ours is {}, the kernel's headers declare {}", record.prototype,
                       header->type);
  return "";
}

std::string wrong_data(const Record& record, const target::Export& exported,
                       const HeaderType* header, const target::Target& target) {
  if (!exported.prototype.empty()) return "ours is data, the kernel exports a function";
  // BTF tells the type of every per-CPU variable, though not of the linker script's aliases.
  if (record.kind == Kind::kPerCpu && exported.declaration.empty() && !record.data.same_as)
    return "ours is per-CPU, the kernel's BTF has no such per-CPU variable";
  uint64_t size = kapi::data_size(record, target);
  if (!size) return fmt::format("struct {} is not in the kernel's BTF", record.data.struct_name);
  if (!header) return "";
  if (header->function) return "ours is data, the kernel's headers declare a function";
  // An array may have room for that of another kernel.
  bool room = header->type.starts_with('a') && size > header->size;
  if (header->size && header->size != size && !room)
    return fmt::format("ours has {} bytes, the kernel's {}, {}", size, header->size, header->type);
  if (record.data.type && !same_type(record.data.type, header->type))
    return fmt::format("ours is {}, the kernel's headers declare {}", record.data.type,
                       header->type);
  std::string_view declared = struct_in(header->type);
  if (record.data.struct_name && !declared.empty() && declared != record.data.struct_name)
    return fmt::format("ours is struct {}, the kernel's headers declare {}",
                       record.data.struct_name, header->type);
  return "";
}

class Check {
 public:
  Check(const Table& table, std::span<const Kernel> kernels) : table_(table), kernels_(kernels) {}

  std::vector<std::string> run() {
    std::map<std::string_view, std::vector<const Record*>> by_name;
    for (const Record* record : table_.records) by_name[record->name].push_back(record);
    for (const auto& [name, definitions] : by_name) {
      for (const Kernel& kernel : kernels_) check_name(name, definitions, kernel);
      for (const Record* record : definitions) check_use(*record);
    }
    for (const kapi::FieldRecord* field : table_.fields) check_field(*field);
    return std::move(findings_);
  }

 private:
  void check_name(std::string_view name, const std::vector<const Record*>& definitions,
                  const Kernel& kernel) {
    auto exported = kernel.target->find_export(name);
    if (!exported) return;
    auto found = kernel.headers.find(name);
    const HeaderType* header = found == kernel.headers.end() ? nullptr : &found->second;
    std::vector<const Record*> fitting;
    std::vector<std::string> problems;
    for (const Record* record : definitions) {
      bool function = record->kind == Kind::kFunction || record->kind == Kind::kAssembly;
      std::string problem = function ? wrong_function(*record, *exported, header)
                                     : wrong_data(*record, *exported, header, *kernel.target);
      if (problem.empty()) fitting.push_back(record);
      if (!problem.empty())
        problems.push_back(fmt::format("{}: {} in {} {}", name, problem, kernel.target->release(),
                                       place(record->file, record->line)));
    }
    used_.insert(fitting.begin(), fitting.end());
    if (fitting.size() == 1) return;
    if (fitting.empty()) {
      findings_.insert(findings_.end(), problems.begin(), problems.end());
      used_.insert(definitions.begin(), definitions.end());  // said once
      return;
    }
    findings_.push_back(fmt::format(
        "{}: {} definitions fit {}; {} and {}", name, fitting.size(), kernel.target->release(),
        place(fitting[0]->file, fitting[0]->line), place(fitting[1]->file, fitting[1]->line)));
  }

  void check_use(const Record& record) {
    bool pointer_only = std::string_view(record.name).starts_with("ring3_");  // never imported
    if (used_.contains(&record) || pointer_only) return;
    bool exported = false;
    for (const Kernel& kernel : kernels_)
      exported |= kernel.target->find_export(record.name).has_value();
    findings_.push_back(
        fmt::format("{}: {} {}", record.name,
                    exported ? "this definition fits no kernel" : "no kernel exports it",
                    place(record.file, record.line)));
  }

  void check_field(const kapi::FieldRecord& field) {
    bool present = false, wrong = false;
    for (const Kernel& kernel : kernels_) {
      kapi::FieldPlace found = kapi::find_field(field, *kernel.target);
      present |= found.present;
      wrong |= !found.problem.empty();
      if (!found.problem.empty())
        findings_.push_back(fmt::format("{} in {} {}", found.problem, kernel.target->release(),
                                        place(field.file, field.line)));
    }
    if (present || wrong) return;
    findings_.push_back(fmt::format("struct {}{}{}: optional, but no kernel has it {}",
                                    field.struct_name, field.path ? " member " : "",
                                    field.path ? field.path : "", place(field.file, field.line)));
  }

  const Table& table_;
  std::span<const Kernel> kernels_;
  std::set<const Record*> used_;
  std::vector<std::string> findings_;
};

}  // namespace

Table whole_table() {
  Table table{{kapi::records_begin(), kapi::records_end()}, {}};
  for (const kapi::FieldRecord* field = kapi::FieldRecord::first(); field; field = field->next)
    table.fields.push_back(field);
  return table;
}

std::vector<std::string_view> open_names(const Table& table, const target::Target& target) {
  std::set<std::string_view> names;
  for (const Record* record : table.records) {
    auto exported = target.find_export(record->name);
    if (!exported || record->kind == Kind::kAssembly) continue;
    if (exported->prototype.empty() || exported->prototype == "v()") names.insert(record->name);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> undeclared_data(const Table& table, std::span<const Kernel> kernels) {
  std::set<std::string> names;
  for (const Record* record : table.records) {
    if (record->kind != Kind::kData && record->kind != Kind::kPerCpu) continue;
    bool declared = false;
    for (const Kernel& kernel : kernels) declared |= kernel.headers.contains(record->name);
    if (!declared) names.insert(record->name);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> findings(const Table& table, std::span<const Kernel> kernels) {
  return Check(table, kernels).run();
}

}  // namespace ring3::abi
