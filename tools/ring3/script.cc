// SPDX-License-Identifier: GPL-2.0-only
// ring3 script FILE: a scenario of tests/conformance performed on one new machine, with the
// transcript that tests/conformance/README.md specifies: the step, what the tool prints, its
// status, the log it caused.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "base/text.h"
#include "commands.h"
#include "host/file.h"
#include "session.h"

namespace ring3::tools {
namespace {

struct ScriptArguments {
  std::string modules, file;
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
  Script(Session& session, std::string folder) : session_(session), folder_(std::move(folder)) {}

  // False: the step is not one of the language's.
  bool perform(std::string_view line) {
    std::vector<std::string> words = split(line);
    std::string command = words.front();
    words.erase(words.begin());
    print(fmt::format("$ {}\n", line));
    int status;
    if (command == "insmod" && !words.empty())
      status = insmod(words);
    else if (command == "rmmod")
      status = rmmod(words);
    else if (command == "cat" && words.size() == 1)
      status = cat(words[0]);
    else if (command == "write" && words.size() == 2)
      status = write(words[0], words[1]);
    else if (command == "sleep" && words.size() == 1)
      status = sleep(words[0]);
    else
      return false;
    if (status) print(fmt::format("rc={}\n", status));
    print_log();
    return true;
  }

 private:
  void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

  int insmod(const std::vector<std::string>& words) {
    std::string shown = words[0] + ".ko";
    auto file = read_module(folder_ + "/" + shown);
    if (!file) {
      print(fmt::format("insmod: ERROR: could not load module {}: {}\n", shown,
                        std::strerror(file.error().code)));
      return 1;
    }
    std::string args;
    bool options = true;  // getopt takes the first "--"
    for (size_t i = 1; i < words.size(); i++) {
      if (options && words[i] == "--") {
        options = false;
        continue;
      }
      args += (args.empty() ? "" : " ") + words[i];
    }
    auto outcome = session_.load(*file, args);
    // kmod tries finit_module, and init_module where the kernel seems to lack that.
    if (outcome.error == ENOSYS) outcome = session_.load(*file, args);
    if (outcome.died) return die();
    if (!outcome.error) return 0;
    print(insmod_error(shown, outcome.error) + "\n");
    return 1;
  }

  int rmmod(const std::vector<std::string>& words) {
    int status = 0;
    for (const std::string& name : words) {
      auto& registry = session_.kernel().loader().registry();
      module::Module* module = registry.find(name);
      Session::Outcome outcome{.error = EAGAIN};
      // rmmod looks at /sys/module first and does not ask the kernel for what is in use.
      if (module && module->references < 0) {  // no refcnt to show: rmmod fails without a word
        status = 1;
        continue;
      }
      if (module && module->used_by.empty() && module->references <= 0)
        outcome = session_.remove(name);
      if (outcome.died) return die();
      if (!outcome.error) continue;
      print(rmmod_error(session_, name, outcome.error) + "\n");
      status = 1;
    }
    return status;
  }

  // What the shell says of a tool that a signal ended.
  int die() {
    int status = session_.death_status();
    print(status == 128 + 9 ? "Killed\n" : "Segmentation fault\n");
    return status;
  }

  int cat(const std::string& path) {
    auto text = session_.read_file(path);
    if (!text) {
      print(fmt::format("cat: {}: {}\n", path, std::strerror(text.error().code)));
      return 1;
    }
    print(*text);
    if (!text->ends_with('\n')) print("\n");
    return 0;
  }
  int write(const std::string& path, const std::string& text) {
    auto written = session_.write_file(path, text + "\n");
    if (written) return 0;
    print(fmt::format("write: {}: {}\n", path, std::strerror(written.error().code)));
    return 1;
  }

  int sleep(const std::string& seconds) {
    ::usleep(static_cast<useconds_t>(std::strtod(seconds.c_str(), nullptr) * 1e6));
    return 0;
  }

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
  std::string folder_;
  machine::Log::Cursor cursor_;
};

int run(ScriptArguments& arguments) {
  auto text = host::read_file(arguments.file);
  if (!text) {
    fmt::print(stderr, "ring3 script: {}\n", text.error().text);
    return kExitUsage;
  }
  arguments.session.log = SessionOptions::Log::kNone;
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
  command->add_option("--modules", arguments->modules, "folder of the modules")->required();
  command->add_option("-k,--kernel", arguments->session.kernel, "build folder or release")
      ->required();
  command->add_option("file", arguments->file, "the scenario")->required();
  command->callback(
      [arguments, &commands] { commands.run = [arguments] { return run(*arguments); }; });
}

}  // namespace ring3::tools
