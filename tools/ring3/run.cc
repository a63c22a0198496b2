// SPDX-License-Identifier: GPL-2.0-only
// ring3 run [options] FILE.ko [param=value ...]: a fresh machine in this process; load, run,
// remove. With several files each one's parameters follow it; they are loaded in the order of their
// dependencies and removed in reverse.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "commands.h"
#include "session.h"

namespace ring3::tools {
namespace {

struct RunArguments {
  SessionOptions session;
  bool no_time = false, json = false, raw = false;
  std::vector<std::string> words;
};

bool is_module_file(const std::string& word) {
  for (const char* end : {".ko", ".ko.gz", ".ko.xz", ".ko.zst"})
    if (word.ends_with(end) && word.find('=') == std::string::npos) return true;
  return false;
}

// insmod's quoting: a value with white space arrives quoted, so that the kernel takes it as one.
std::string quoted(const std::string& word) {
  size_t equals = word.find('=');
  if (word.find_first_of(" \t") == std::string::npos || equals == std::string::npos ||
      word.find('"') != std::string::npos)
    return word;
  return word.substr(0, equals + 1) + '"' + word.substr(equals + 1) + '"';
}

int finish(Session& session, int status) {
  if (session.oopsed()) status = kExitOops;
  session.kernel().log().finish_line();
  std::fflush(stdout);
  // An oops leaves tasks and locks where they were: do not take the machine apart around them.
  if (status == kExitOops) _exit(status);
  return status;
}

int run(RunArguments& arguments) {
  SessionOptions& options = arguments.session;
  if (arguments.no_time) options.log = SessionOptions::Log::kNoTime;
  if (arguments.raw) options.log = SessionOptions::Log::kRaw;
  if (arguments.json) options.log = SessionOptions::Log::kJson;
  std::vector<ModuleFile> files;
  std::map<std::string, std::string> parameters;  // by path
  for (const std::string& word : arguments.words) {
    if (!is_module_file(word)) {
      if (files.empty()) {
        fmt::print(stderr, "ring3 run: '{}' stands before any FILE.ko\n", word);
        return kExitUsage;
      }
      std::string& text = parameters[files.back().path];
      text += (text.empty() ? "" : " ") + quoted(word);
      continue;
    }
    auto file = read_module(word);
    if (!file) {
      fmt::print(stderr, "ring3 run: {}\n", file.error().text);
      return kExitFailed;
    }
    options.module_folders.push_back(file->path.substr(0, file->path.rfind('/')));
    files.push_back(file.take());
  }
  files = in_dependency_order(std::move(files));
  auto session = Session::start(options, files.empty() ? nullptr : &files.front());
  if (!session) {
    fmt::print(stderr, "ring3 run: {}\n", session.error().text);
    return kExitFailed;
  }
  std::vector<std::string> loaded;
  int status = kExitOk;
  for (const ModuleFile& file : files) {
    auto outcome = (*session)->load(file, parameters[file.path]);
    if (outcome.died) return finish(**session, kExitOops);
    if (outcome.error) {
      std::fflush(stdout);
      fmt::print(stderr, "{}\n", insmod_error(file.path, outcome.error));
      status = kExitFailed;
      break;
    }
    loaded.push_back(file.name);
  }
  for (; !loaded.empty(); loaded.pop_back()) {
    auto outcome = (*session)->remove(loaded.back(), {});
    if (outcome.died) return finish(**session, kExitOops);
    if (!outcome.error) continue;
    std::fflush(stdout);
    fmt::print(stderr, "{}\n", rmmod_error(**session, loaded.back(), outcome.error));
    status = kExitFailed;
  }
  return finish(**session, status);
}

}  // namespace

void add_run(CLI::App& app, Commands& commands) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command =
      app.add_subcommand("run", "load modules into a fresh machine, run, remove them");
  command->add_option("words", arguments->words, "FILE.ko [param=value ...] ...")->required();
  command->add_option(
      "-k,--kernel", arguments->session.kernel,
      "build folder or release of the kernel (default: what the module was built for)");
  command->add_option("--cmdline", arguments->session.command_line,
                      "the kernel's command line, as to module_blacklist=NAME");
  command->add_option("--cpus", arguments->session.cpus, "CPUs of the machine")
      ->check(CLI::Range(1, 64));
  command->add_flag("-t,--notime", arguments->no_time, "print the log without times");
  command->add_flag("-r,--raw", arguments->raw, "print the log with <level> prefixes");
  command->add_flag("-J,--json", arguments->json, "print the log as one JSON object a record");
  command->add_flag("-v,--verbose", arguments->session.verbose, "show each step with its time");
  command->add_flag("--strict", arguments->session.strict,
                    "refuse modules that import what ring3 lacks");
  command
      ->add_option("--trust", arguments->session.trust,
                   "trust modules signed with this certificate (PEM or DER); may be given again")
      ->allow_extra_args(false);
  command->add_flag("!--no-builtin-keys", arguments->session.builtin_keys,
                    "do not trust the certificates in the target's own kernel");
  command->add_flag("--virtual-time", arguments->session.virtual_time, "sleeps cost nothing");
  command->add_flag("--guard", arguments->session.guard,
                    "put each allocation against an unreadable page");
  command->add_flag("--sandbox", arguments->session.sandbox,
                    "stop system calls that modules make themselves; binds programs that "
                    "modules start as well");
  command->add_flag("--no-patch", arguments->session.no_patch,
                    "leave thunks and static branches unpatched");
  command->callback(
      [arguments, &commands] { commands.run = [arguments] { return run(*arguments); }; });
}

}  // namespace ring3::tools
