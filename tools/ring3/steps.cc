// SPDX-License-Identifier: GPL-2.0-only
#include "steps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "device_step.h"
#include "host/file.h"

namespace ring3::tools {
namespace {

using module::OwnMemory;

// An address that is never mapped, as guest/call.c uses it.
constexpr UserAddress kFault{8};
constexpr const char* kSixty = "a_name_of_sixty_characters_that_no_module_has_or_could_have_";

unsigned number(const std::string& word) {
  return static_cast<unsigned>(std::strtoul(word.c_str(), nullptr, 0));
}

// Words from the second on, with a blank between them; as an address.
struct Arguments {
  Arguments(const Words& words, size_t first) {
    for (size_t i = first; i < words.size(); i++) text += (i == first ? "" : " ") + words[i];
    address = text == "@fault" ? kFault : OwnMemory::at(text.c_str());
  }
  std::string text;
  UserAddress address;
};

// The descriptor that a name of the scenario language stands for; closed at the end.
struct Opened {
  explicit Opened(const std::string& name, const std::string& path) {
    if (name == "@closed") return;
    if (name == "@directory") {
      fd = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else if (name == "@empty") {
      char file[] = "/tmp/ring3-empty-XXXXXX";
      fd = ::mkstemp(file);
      ::unlink(file);
      int again = ::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_RDONLY | O_CLOEXEC);
      ::close(fd);
      fd = again;
    } else {
      if (name.starts_with("@busy:")) writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
      bool write_only = name.starts_with("@write-only:");
      fd = ::open(path.c_str(), (write_only ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
    }
  }
  ~Opened() {
    if (fd >= 0) ::close(fd);
    if (writer >= 0) ::close(writer);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  int fd = -1, writer = -1;
};

std::string why(int error) {
  // 512 and up are the kernel's own, glibc knows no words for them
  return std::strerror(error);
}

// What the shell says of a tool that a signal ended.
StepResult died(const Session::Outcome& outcome) {
  constexpr int kKill = 9;
  return {outcome.signal == kKill ? "Killed\n" : "Segmentation fault\n", 128 + outcome.signal};
}

}  // namespace

struct Steps::Row {
  std::string_view name;
  size_t least, most;
  StepResult (Steps::*run)(const Words& words, const Caller& caller);
};
constexpr size_t kAny = 1000;
const Steps::Row Steps::kRows[] = {
    {"insmod", 1, kAny, &Steps::insmod},
    {"rmmod", 1, kAny, &Steps::rmmod},
    {"init_module", 2, kAny, &Steps::init_module},
    {"finit_module", 2, kAny, &Steps::finit_module},
    {"delete_module", 2, 2, &Steps::delete_module},
    {"cat", 1, 1, &Steps::cat},
    {"grep", 2, 2, &Steps::grep},
    {"ls", 1, 1, &Steps::ls},
    {"write", 2, 2, &Steps::write},
    {"sleep", 1, 1, &Steps::sleep},
    {"device", 2, kAny, &Steps::device},
    {"start", 2, kAny, &Steps::start},
    {"join", 1, 1, &Steps::join},
    {"kill", 1, 1, &Steps::kill},
    {"without", 2, kAny, &Steps::drop},
};

Steps::~Steps() {
  for (auto& [tag, job] : jobs_)
    if (job.thread.joinable()) job.thread.join();
}

StepResult Steps::perform(const Words& words, const Caller& caller) {
  Words arguments(words.begin() + 1, words.end());
  for (const Row& row : kRows)
    if (row.name == words[0] && arguments.size() >= row.least && arguments.size() <= row.most)
      return (this->*row.run)(arguments, caller);
  return {.unknown = true};
}

std::string Steps::path_of(const std::string& name) const {
  std::string plain = name.starts_with('@') ? name.substr(name.find(':') + 1) : name;
  for (const std::string& folder : folders_)
    if (std::string path = fmt::format("{}/{}.ko", folder, plain);
        ::access(path.c_str(), F_OK) == 0)
      return path;
  return fmt::format("{}/{}.ko", folders_.front(), plain);
}

StepResult Steps::insmod(const Words& words, const Caller& caller) {
  std::string shown = words[0] + ".ko";
  auto file = read_module(path_of(words[0]));
  if (!file)
    return {
        fmt::format("insmod: ERROR: could not load module {}: {}\n", shown, why(file.error().code)),
        1};
  Words rest(words.begin() + 1, words.end());
  for (size_t i = 0; i < rest.size(); i++) {  // getopt takes the first "--"
    if (rest[i] != "--") continue;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
  Arguments arguments(rest, 0);
  Opened opened(words[0], path_of(words[0]));
  auto load = [&] {
    return session_.system_calls().finit_module(OwnMemory(), opened.fd, arguments.address, 0,
                                                file->path);
  };
  auto outcome = session_.call("insmod", load, caller);
  // kmod tries finit_module, and init_module where the kernel seems to lack that.
  if (outcome.error == ENOSYS) outcome = session_.call("insmod", load, caller);
  if (outcome.died || outcome.killed) return died(outcome);
  if (!outcome.error) return {};
  return {insmod_error(shown, outcome.error) + "\n", 1};
}

StepResult Steps::rmmod(const Words& words, const Caller& caller) {
  StepResult result;
  for (std::string name : words) {
    std::replace(name.begin(), name.end(), '-', '_');  // kmod knows modules by such names
    auto& registry = session_.kernel().loader().registry();
    module::Module* module = registry.find(name);
    Session::Outcome outcome{.error = EAGAIN};
    // rmmod looks at /sys/module first and does not ask the kernel for what is in use.
    if (module && module->references < 0) {  // no refcnt to show: rmmod fails without a word
      result.status = 1;
      continue;
    }
    if (module && module->used_by.empty() && module->references <= 0)
      outcome = session_.remove(name, caller);
    if (outcome.died || outcome.killed) return died(outcome);
    if (!outcome.error) continue;
    result.output += rmmod_error(session_, name, outcome.error) + "\n";
    result.status = 1;
  }
  return result;
}

StepResult Steps::answer(const char* call, const Session::Outcome& outcome) const {
  if (outcome.died || outcome.killed) return died(outcome);
  if (!outcome.error) return {};
  return {fmt::format("{}: {}\n", call, why(outcome.error)), 1};
}

StepResult Steps::init_module(const Words& words, const Caller& caller) {
  Arguments arguments(words, 2);
  std::vector<std::byte> bytes;
  if (words[0] != "@fault") {
    auto read = host::read_file(path_of(words[0]));
    if (!read) return {fmt::format("{}: {}\n", words[0], why(read.error().code)), 1};
    bytes = read.take();
  }
  uint64_t length = words[1] == "-" ? bytes.size() : number(words[1]);
  UserAddress image = words[0] == "@fault" ? kFault : OwnMemory::at(bytes.data());
  return answer("init_module", session_.call(
                                   "call",
                                   [&] {
                                     return session_.system_calls().init_module(
                                         OwnMemory(), image, length, arguments.address,
                                         path_of(words[0]));
                                   },
                                   caller));
}

StepResult Steps::finit_module(const Words& words, const Caller& caller) {
  Arguments arguments(words, 2);
  std::string path = path_of(words[0]);
  Opened opened(words[0], path);
  if (opened.fd < 0 && words[0] != "@closed")
    return {fmt::format("{}.ko: {}\n", words[0], why(ENOENT)), 1};
  return answer("finit_module", session_.call(
                                    "call",
                                    [&] {
                                      return session_.system_calls().finit_module(
                                          OwnMemory(), opened.fd, arguments.address,
                                          static_cast<int>(number(words[1])), path);
                                    },
                                    caller));
}

StepResult Steps::delete_module(const Words& words, const Caller& caller) {
  std::string name = words[0] == "@empty" ? "" : words[0] == "@long" ? kSixty : words[0];
  UserAddress address = words[0] == "@fault" ? kFault : OwnMemory::at(name.c_str());
  return answer("delete_module", session_.call(
                                     "call",
                                     [&] {
                                       return session_.system_calls().delete_module(
                                           OwnMemory(), address, number(words[1]));
                                     },
                                     caller));
}

StepResult Steps::cat(const Words& words, const Caller&) {
  auto text = session_.read_file(words[0]);
  if (!text) return {fmt::format("cat: {}: {}\n", words[0], why(text.error().code)), 1};
  if (!text->empty() && !text->ends_with('\n')) *text += '\n';
  return {text.take()};
}

StepResult Steps::grep(const Words& words, const Caller&) {
  auto text = session_.read_file(words[1]);
  if (!text) return {fmt::format("grep: {}: {}\n", words[1], why(text.error().code)), 2};
  StepResult result{.status = 1};
  for_each_line(*text, [&](std::string_view line) {
    if (line.find(words[0]) == line.npos) return;
    (result.output += line) += '\n';
    result.status = 0;
  });
  return result;
}

StepResult Steps::ls(const Words& words, const Caller&) {
  auto list = session_.list_files(words[0]);
  if (!list) return {fmt::format("ls: {}: {}\n", words[0], why(ENOENT)), 1};
  StepResult result;
  for (const machine::File& file : *list) {
    using machine::FileKind;
    std::string mode = file->kind == FileKind::kDirectory ? "d"
                       : file->kind == FileKind::kLink    ? "l"
                                                          : "-";
    for (int bit = 8; bit >= 0; bit--) mode += file->mode >> bit & 1 ? "xwr"[bit % 3] : '-';
    if (file->name.starts_with('.')) continue;  // as a shell's * leaves them out
    result.output += mode + " " + file->name;
    if (file->kind == FileKind::kLink) result.output += " -> " + file->target;
    result.output += '\n';
  }
  return result;
}

StepResult Steps::write(const Words& words, const Caller&) {
  auto written = session_.write_file(words[0], words[1] + "\n");
  if (written) return {};
  return {fmt::format("write: {}: {}\n", words[0], why(written.error().code)), 1};
}

StepResult Steps::sleep(const Words& words, const Caller&) {
  ::usleep(static_cast<useconds_t>(std::strtod(words[0].c_str(), nullptr) * 1e6));
  return {};
}

StepResult Steps::device(const Words& words, const Caller& caller) {
  return call_device(session_, words, caller);
}

StepResult Steps::start(const Words& words, const Caller& caller) {
  Job& job = jobs_[words[0]];
  Words command(words.begin() + 1, words.end());
  job.thread = std::thread([this, &job, command, without = caller.without] {
    job.result = perform(command, {.without = without, .kill = &job.kill});
  });
  return {};
}

StepResult Steps::join(const Words& words, const Caller&) {
  auto job = jobs_.find(words[0]);
  if (job == jobs_.end()) return {.unknown = true};
  job->second.thread.join();
  StepResult result = job->second.result;
  jobs_.erase(job);
  return result;
}

StepResult Steps::kill(const Words& words, const Caller&) {
  auto job = jobs_.find(words[0]);
  if (job == jobs_.end()) return {.unknown = true};
  job->second.kill.kill();
  return {};
}

StepResult Steps::drop(const Words& words, const Caller& caller) {
  Caller lesser = caller;
  lesser.without |= 1ull << number(words[0]);
  return perform({words.begin() + 1, words.end()}, lesser);
}

}  // namespace ring3::tools
