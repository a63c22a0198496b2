// SPDX-License-Identifier: GPL-2.0-only
// ring3 script FILE: a scenario of tests/conformance performed on one new machine, with the
// transcript that tests/conformance/README.md specifies: the step, what the tool prints, its
// status, the log it caused.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/text.h"
#include "commands.h"
#include "host/file.h"
#include "steps.h"

namespace ring3::tools {
namespace {

struct ScriptArguments {
  std::vector<std::string> modules;
  std::string file;
  SessionOptions session;
};

// Splits at blanks; '...' and "..." quote, also within a word.
std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < line.size(); i++) {
    char c = line[i];
    if (c == ' ' || c == '\t') {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '\'' || c == '"') {
      size_t end = std::min(line.find(c, i + 1), line.size());
      words.back() += line.substr(i + 1, end - i - 1);
      i = end;
    } else {
      words.back() += c;
    }
  }
  return words;
}

class Script {
 public:
  Script(Session& session, std::vector<std::string> folders)
      : session_(session), steps_(session, std::move(folders)) {}

  // False: the step is not one of the language's.
  bool perform(std::string_view line) {
    print(fmt::format("$ {}\n", line));
    StepResult result = steps_.perform(split(line));
    if (result.unknown) return false;
    print(result.output);
    if (result.status) print(fmt::format("rc={}\n", result.status));
    print_log();
    return true;
  }

 private:
  void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

  void print_log() {
    machine::LogRecord record;
    while (session_.kernel().log().read(cursor_, record)) {
      // Lines are separated by newlines, so there is one more of them, maybe empty.
      std::string_view text = record.text;
      for (size_t begin = 0, end = 0; end != text.npos; begin = end + 1) {
        end = text.find('\n', begin);
        print(fmt::format("<{}>{}\n", record.level + record.facility * 8,
                          text.substr(begin, end - begin)));
      }
    }
  }

  Session& session_;
  Steps steps_;
  machine::Log::Cursor cursor_;
};

int run(ScriptArguments& arguments) {
  auto text = host::read_file(arguments.file);
  if (!text) {
    fmt::print(stderr, "ring3 script: {}\n", text.error().text);
    return kExitUsage;
  }
  arguments.session.log = SessionOptions::Log::kNone;
  arguments.session.module_folders = arguments.modules;
  auto session = Session::start(arguments.session, nullptr);
  if (!session) {
    fmt::print(stderr, "ring3 script: {}\n", session.error().text);
    return kExitFailed;
  }
  Script script(**session, arguments.modules);
  int number = 0, status = kExitOk;
  for_each_line(as_text(*text), [&](std::string_view line) {
    number++;
    if (line.starts_with('#') || split(line).empty() || status) return;
    size_t begin = line.find_first_not_of(" \t"), end = line.find_last_not_of(" \t");
    if (script.perform(line.substr(begin, end - begin + 1))) return;
    fmt::print(stderr, "ring3 script: {}:{}: unknown step '{}'\n", arguments.file, number, line);
    status = kExitUsage;
  });
  std::fflush(stdout);
  // As after `ring3 run`: an oops leaves tasks and locks where they were.
  if ((*session)->oopsed()) _exit(status);
  return status;
}

}  // namespace

void add_script(CLI::App& app, Commands& commands) {
  auto arguments = std::make_shared<ScriptArguments>();
  CLI::App* command =
      app.add_subcommand("script", "perform a conformance scenario on a new machine");
  command->add_option("--modules", arguments->modules, "folder of the modules; may be given again")
      ->required();
  command->add_option("-k,--kernel", arguments->session.kernel, "build folder or release")
      ->required();
  command->add_option("--cmdline", arguments->session.command_line, "the kernel's command line");
  command->add_flag("--sandbox", arguments->session.sandbox,
                    "stop system calls that modules make themselves; binds programs that "
                    "modules start as well");
  command->add_option("file", arguments->file, "the scenario")->required();
  command->callback(
      [arguments, &commands] { commands.run = [arguments] { return run(*arguments); }; });
}

}  // namespace ring3::tools
