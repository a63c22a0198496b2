// SPDX-License-Identifier: GPL-2.0-only
// ring3 api list | explain SYMBOL | missing FILE.ko | census DIR | docs DIR: what of the kernel API
// is there, for which target, and what a module would miss. Everything is read from the table
// (kapi/kapi.h) and the target.
#include "api.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include "census.h"
#include "commands.h"
#include "host/file.h"

namespace ring3::tools {
namespace {

using Json = nlohmann::ordered_json;

struct ApiArguments {
  std::string status;
  std::vector<std::string> words;
  CensusArguments census;  // its --kernel and --json are everybody's
};

int fail(const std::string& text) {
  fmt::print(stderr, "ring3 api: {}\n", text);
  return 1;
}

std::string place_of(const kapi::Record& record) {
  return fmt::format("src/linux/{}:{}", linux_path(record), record.line);
}

int list(const ApiArguments& arguments) {
  size_t counts[3] = {};
  Json all = Json::array();
  for (const kapi::Record* record : definitions()) {
    std::string status = status_name(*record);
    if (!arguments.status.empty() && arguments.status != status) continue;
    counts[static_cast<size_t>(record->status.status)]++;
    if (arguments.census.json)
      all.push_back({{"name", record->name},
                     {"status", status},
                     {"note", record->status.note},
                     {"prototype", record->prototype ? record->prototype : ""},
                     {"where", place_of(*record)}});
    else
      fmt::print("{:<40} {:<8} {}{}{}\n", record->name, status, place_of(*record),
                 *record->status.note ? "  " : "", record->status.note);
  }
  if (arguments.census.json)
    fmt::print("{}\n", all.dump(1));
  else
    fmt::print("{} definitions: {} real, {} partial, {} stubs\n", counts[0] + counts[1] + counts[2],
               counts[0], counts[1], counts[2]);
  return 0;
}

void explain_text(std::string_view name, const target::Export& exported,
                  const target::Target& target, const kapi::Binding& binding) {
  const kapi::Record* record = binding.record(name);
  std::string declaration(exported.declaration);
  if (declaration.empty())
    declaration = fmt::format("{}  (no prototype in BTF: data or assembly)", name);
  fmt::print("{}\n  exported by {} of {}{}{}, CRC {:#010x}\n", declaration, exported.module,
             target.release(), exported.gpl_only ? ", GPL only" : "",
             exported.name_space.empty() ? "" : ", namespace " + std::string(exported.name_space),
             exported.crc);
  if (record)
    fmt::print("  ring3: {}{}{}, {}\n", status_name(*record), *record->status.note ? ": " : "",
               record->status.note, place_of(*record));
  else if (exported.module == "vmlinux")
    fmt::print("  ring3: missing. Modules that import it load; the first use stops with an oops\n");
  else
    fmt::print("  ring3: comes with the module that exports it\n");
  for (const kapi::Mismatch& mismatch : binding.mismatches())
    if (mismatch.record->name == name)
      fmt::print("  does not fit: {} ({})\n", mismatch.text, place_of(*mismatch.record));
}

Json explain_json(std::string_view name, const target::Export& exported,
                  const kapi::Binding& binding) {
  const kapi::Record* record = binding.record(name);
  return {{"name", name},
          {"declaration", exported.declaration},
          {"module", exported.module},
          {"gpl_only", exported.gpl_only},
          {"namespace", exported.name_space},
          {"crc", fmt::format("{:#010x}", exported.crc)},
          {"status", record ? status_name(*record) : "missing"},
          {"note", record ? record->status.note : ""},
          {"where", record ? place_of(*record) : ""}};
}

// Without --kernel: the running one, when its headers are installed.
Result<std::unique_ptr<target::Target>> open_named_target(const std::string& kernel) {
  std::string release = kernel.empty() ? host::running_release() : kernel;
  if (!kernel.empty() || host::stat_file("/lib/modules/" + release + "/build").exists)
    return open_target(release, nullptr);
  std::string installed;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/lib/modules", error))
    if (std::filesystem::exists(entry.path() / "build", error))
      installed += " " + entry.path().filename().string();
  return Error{ENOENT,
               fmt::format("which kernel? The headers of the running one ({}) are not "
                           "installed; say --kernel RELEASE, one of:{}",
                           release, installed.empty() ? " (none is installed)" : installed)};
}

int explain(const ApiArguments& arguments) {
  auto target = open_named_target(arguments.census.kernel);
  if (!target) return fail(target.error().text);
  auto binding = kapi::Binding::create(**target);
  if (!binding) return fail(binding.error().text);
  int status = 0;
  Json all = Json::array();
  for (const std::string& name : arguments.words) {
    auto exported = (*target)->find_any_export(name);
    if (!exported)
      status =
          fail(fmt::format("{} does not export '{}'; is it inline, static, or of another kernel "
                           "(--kernel RELEASE)?",
                           (*target)->release(), name));
    else if (arguments.census.json)
      all.push_back(explain_json(name, *exported, **binding));
    else
      explain_text(name, *exported, **target, **binding);
  }
  if (arguments.census.json) fmt::print("{}\n", all.dump(1));
  return status;
}

// What one file would miss, added to `all` or printed. The exit status: 1 when it misses something.
Result<int> missing_of(const std::string& path, const ApiArguments& arguments, Json& all) {
  auto file = TRY(read_module(path));
  if (file.name.empty()) TRY(elf::View::parse(file.bytes));  // says what is wrong with it
  auto target = TRY(open_target(arguments.census.kernel, &file));
  auto binding = TRY(kapi::Binding::create(*target));
  int status = 0;
  for (const std::string& name : file.imports) {
    auto exported = target->find_export(name);
    if (binding->record(name) || (!exported && target->find_any_export(name))) continue;
    status = 1;
    std::string text = exported ? std::string(exported->declaration) : "not exported by the target";
    if (arguments.census.json)
      all.push_back({{"file", path}, {"name", name}, {"declaration", text}});
    else
      fmt::print("{}: {}{}{}\n", file.name, name, text.empty() ? "" : "  ", text);
  }
  return status;
}

int missing(const ApiArguments& arguments) {
  int status = 0;
  Json all = Json::array();
  for (const std::string& path : arguments.words) {
    auto result = missing_of(path, arguments, all);
    if (!result) return fail(result.error().text);
    status |= *result;
  }
  if (arguments.census.json) fmt::print("{}\n", all.dump(1));
  return status;
}

// As System.map has them: "ADDRESS TYPE NAME", here with the addresses of this start. Per-CPU
// variables have their offsets, and A for a type.
int symbols(const ApiArguments& arguments) {
  auto target = open_named_target(arguments.census.kernel);
  if (!target) return fail(target.error().text);
  auto binding = kapi::Binding::create(**target);
  if (!binding) return fail(binding.error().text);
  Json all = Json::array();
  auto print = [&](uint64_t address, char type, std::string_view name) {
    if (arguments.census.json)
      all.push_back({{"address", address}, {"type", std::string(1, type)}, {"name", name}});
    else
      fmt::print("{:016x} {} {}\n", address, type, name);
  };
  (*binding)->for_each_percpu([&](const kapi::Record& record, uint64_t offset, uint64_t) {
    print(offset, 'A', record.name);
  });
  (*binding)->for_each_placed([&](uint64_t address, std::string_view name, bool function) {
    print(address, function ? 'T' : 'D', name);
  });
  if (arguments.census.json) fmt::print("{}\n", all.dump(1));
  return 0;
}

}  // namespace

std::vector<const kapi::Record*> definitions() {
  auto key = [](const kapi::Record* record) {
    return std::make_tuple(std::string_view(record->name), linux_path(*record), record->line);
  };
  std::vector<const kapi::Record*> all(kapi::records_begin(), kapi::records_end());
  std::sort(all.begin(), all.end(), [&](auto* a, auto* b) { return key(a) < key(b); });
  // A record in a header is in the table once for each file that includes it.
  all.erase(std::unique(all.begin(), all.end(), [&](auto* a, auto* b) { return key(a) == key(b); }),
            all.end());
  return all;
}

const char* status_name(const kapi::Record& record) {
  static constexpr const char* kNames[] = {"real", "partial", "stub"};
  return kNames[static_cast<size_t>(record.status.status)];
}

std::string linux_path(const kapi::Record& record) {
  std::string_view file = record.file;
  constexpr std::string_view kRoot = "src/linux/";
  size_t root = file.rfind(kRoot);
  return std::string(root == std::string_view::npos ? file : file.substr(root + kRoot.size()));
}

void add_api(CLI::App& app, Commands& commands) {
  auto arguments = std::make_shared<ApiArguments>();
  CLI::App* api = app.add_subcommand("api", "what of the kernel API is there");
  api->require_subcommand(1);
  api->fallthrough();
  CensusArguments& census_of = arguments->census;
  api->add_option("-k,--kernel", census_of.kernel, "build folder or release of the kernel");
  api->add_flag("-J,--json", census_of.json, "print JSON");
  CLI::App* list_command = api->add_subcommand("list", "every definition with its status");
  list_command->add_option("--status", arguments->status, "only these")
      ->check(CLI::IsMember({"real", "partial", "stub"}));
  list_command->callback([=, &commands] { commands.run = [=] { return list(*arguments); }; });
  CLI::App* explain_command =
      api->add_subcommand("explain", "prototype, exporter and status of symbols");
  explain_command->add_option("symbol", arguments->words)->required();
  explain_command->callback([=, &commands] { commands.run = [=] { return explain(*arguments); }; });
  CLI::App* missing_command = api->add_subcommand("missing", "what modules import and ring3 lacks");
  missing_command->add_option("file", arguments->words)->required();
  missing_command->callback([=, &commands] { commands.run = [=] { return missing(*arguments); }; });
  CLI::App* symbols_command =
      api->add_subcommand("symbols", "address, type and name of each, as in System.map");
  symbols_command->callback([=, &commands] { commands.run = [=] { return symbols(*arguments); }; });
  CLI::App* census_command =
      api->add_subcommand("census", "how far every module below a folder comes");
  census_command->add_option("dir", census_of.directory)->required();
  census_command->add_flag("--quick", census_of.quick, "do not run module_init");
  census_command->add_option("--missing", census_of.missing, "the N most wanted missing symbols");
  census_command->add_flag("--failures", census_of.failures, "what does not load, and why");
  census_command->add_option("--at-least", census_of.at_least,
                             "fail when a figure is lower than in this file, an earlier output");
  census_command->callback(
      [=, &commands] { commands.run = [=] { return census(arguments->census); }; });
  CLI::App* docs_command = api->add_subcommand("docs", "write docs/api: the table as Markdown");
  docs_command->add_option("dir", census_of.directory)->required();
  docs_command->callback([=, &commands] {
    commands.run = [=] { return write_api_docs(arguments->census.directory); };
  });
}

}  // namespace ring3::tools
