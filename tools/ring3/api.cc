// SPDX-License-Identifier: GPL-2.0-only
// ring3 api list | explain SYMBOL | missing FILE.ko: what of the kernel API is there, for which
// target, and what a module would miss. Everything is read from the table (kapi/kapi.h) and the
// target.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "api.h"
#include "commands.h"
#include "host/file.h"

namespace ring3::tools {
namespace {

using Json = nlohmann::ordered_json;

const char* const kStatusNames[] = {"real", "partial", "stub"};

struct ApiArguments {
  std::string kernel, status, directory;
  std::vector<std::string> words;
  bool json = false, quick = false;
};

std::string place_of(const kapi::Record& record) {
  std::string file = record.file;
  size_t src = file.rfind("src/linux/");
  return fmt::format("{}:{}", src == std::string::npos ? file : file.substr(src), record.line);
}

int list(const ApiArguments& arguments) {
  std::map<std::string, const kapi::Record*> records;
  int counts[3] = {};
  for (auto at = kapi::records_begin(); at != kapi::records_end(); ++at) {
    auto status = static_cast<size_t>((*at)->status.status);
    if (!arguments.status.empty() && arguments.status != kStatusNames[status]) continue;
    if (records.emplace(fmt::format("{} {}", (*at)->name, place_of(**at)), *at).second)
      counts[status]++;
  }
  Json all = Json::array();
  for (auto& [key, record] : records) {
    const char* status = kStatusNames[static_cast<size_t>(record->status.status)];
    if (arguments.json) {
      all.push_back({{"name", record->name},
                     {"status", status},
                     {"note", record->status.note},
                     {"prototype", record->prototype ? record->prototype : ""},
                     {"where", place_of(*record)}});
      continue;
    }
    fmt::print("{:<40} {:<8} {}{}{}\n", record->name, status, place_of(*record),
               *record->status.note ? "  " : "", record->status.note);
  }
  if (arguments.json)
    fmt::print("{}\n", all.dump(1));
  else
    fmt::print("{} definitions: {} real, {} partial, {} stubs\n", records.size(), counts[0],
               counts[1], counts[2]);
  return 0;
}

int explain(const ApiArguments& arguments, const target::Target& target) {
  int status = 0;
  Json all = Json::array();
  auto binding = kapi::Binding::create(target);
  if (!binding) return fmt::print(stderr, "ring3 api: {}\n", binding.error().text), 1;
  for (const std::string& name : arguments.words) {
    auto exported = target.find_any_export(name);
    const kapi::Record* record = (*binding)->record(name);
    if (!exported) {
      fmt::print("{}: {} does not export it\n", name, target.release());
      status = 1;
      continue;
    }
    std::string state =
        record ? kStatusNames[static_cast<size_t>(record->status.status)] : "missing";
    if (arguments.json) {
      all.push_back({{"name", name},
                     {"declaration", exported->declaration},
                     {"module", exported->module},
                     {"gpl_only", exported->gpl_only},
                     {"namespace", exported->name_space},
                     {"crc", fmt::format("{:#010x}", exported->crc)},
                     {"status", state},
                     {"note", record ? record->status.note : ""},
                     {"where", record ? place_of(*record) : ""}});
      continue;
    }
    fmt::print(
        "{}\n  exported by {} of {}{}{}, CRC {:#010x}\n",
        exported->declaration.empty() ? name + "  (no prototype in BTF: data or assembly)"
                                      : std::string(exported->declaration),
        exported->module, target.release(), exported->gpl_only ? ", GPL only" : "",
        exported->name_space.empty() ? "" : ", namespace " + std::string(exported->name_space),
        exported->crc);
    if (record) {
      fmt::print("  ring3: {}{}{}, {}\n", state, *record->status.note ? ": " : "",
                 record->status.note, place_of(*record));
    } else if (exported->module == "vmlinux") {
      fmt::print(
          "  ring3: missing. Modules that import it load; the first use stops with an oops\n");
    } else {
      fmt::print("  ring3: comes with the module that exports it\n");
    }
    for (const kapi::Mismatch& mismatch : (*binding)->mismatches())
      if (mismatch.record->name == name)
        fmt::print("  does not fit: {} ({})\n", mismatch.text, place_of(*mismatch.record));
  }
  if (arguments.json) fmt::print("{}\n", all.dump(1));
  return status;
}

int missing(const ApiArguments& arguments) {
  int status = 0;
  Json all = Json::array();
  for (const std::string& path : arguments.words) {
    auto file = read_module(path);
    if (!file) {
      fmt::print(stderr, "ring3 api: {}\n", file.error().text);
      return 1;
    }
    auto target = open_target(arguments.kernel, &*file);
    if (!target) {
      fmt::print(stderr, "ring3 api: {}\n", target.error().text);
      return 1;
    }
    auto binding = kapi::Binding::create(**target);
    if (!binding) return fmt::print(stderr, "ring3 api: {}\n", binding.error().text), 1;
    for (const std::string& name : file->imports) {
      auto exported = (*target)->find_export(name);
      if ((*binding)->record(name) || (!exported && (*target)->find_any_export(name))) continue;
      status = 1;
      std::string text =
          exported ? std::string(exported->declaration) : "not exported by the target";
      if (arguments.json)
        all.push_back({{"file", path}, {"name", name}, {"declaration", text}});
      else
        fmt::print("{}: {}{}{}\n", file->name, name, text.empty() ? "" : "  ", text);
    }
  }
  if (arguments.json) fmt::print("{}\n", all.dump(1));
  return status;
}

// For the subcommands that need a target and are not given a module: --kernel, or the running
// kernel's.
int with_target(const ApiArguments& arguments,
                int (*fn)(const ApiArguments&, const target::Target&)) {
  auto target = open_target(arguments.kernel, nullptr);
  if (!target) {
    fmt::print(stderr, "ring3 api: {}\n", target.error().text);
    return 1;
  }
  return fn(arguments, **target);
}

int census_of(const ApiArguments& arguments) {
  return census({arguments.kernel, arguments.directory, arguments.json, arguments.quick});
}

}  // namespace

void add_api(CLI::App& app, Commands& commands) {
  auto arguments = std::make_shared<ApiArguments>();
  CLI::App* api = app.add_subcommand("api", "what of the kernel API is there");
  api->require_subcommand(1);
  api->fallthrough();
  api->add_option("-k,--kernel", arguments->kernel, "build folder or release of the kernel");
  api->add_flag("-J,--json", arguments->json, "print JSON");
  CLI::App* list_command = api->add_subcommand("list", "every definition with its status");
  list_command->add_option("--status", arguments->status, "only these")
      ->check(CLI::IsMember({"real", "partial", "stub"}));
  list_command->callback([=, &commands] { commands.run = [=] { return list(*arguments); }; });
  CLI::App* explain_command =
      api->add_subcommand("explain", "prototype, exporter and status of symbols");
  explain_command->add_option("symbol", arguments->words)->required();
  explain_command->callback(
      [=, &commands] { commands.run = [=] { return with_target(*arguments, explain); }; });
  CLI::App* missing_command = api->add_subcommand("missing", "what modules import and ring3 lacks");
  missing_command->add_option("file", arguments->words)->required();
  missing_command->callback([=, &commands] { commands.run = [=] { return missing(*arguments); }; });
  CLI::App* census_command =
      api->add_subcommand("census", "how far every module below a folder comes");
  census_command->add_option("dir", arguments->directory)->required();
  census_command->add_flag("--quick", arguments->quick, "do not run module_init");
  census_command->callback(
      [=, &commands] { commands.run = [=] { return census_of(*arguments); }; });
}

}  // namespace ring3::tools
