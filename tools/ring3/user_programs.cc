// SPDX-License-Identifier: GPL-2.0-only
#include "user_programs.h"

#include <dirent.h>
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <atomic>

#include "host/handle.h"
#include "machine/parking.h"
#include "session.h"

namespace ring3::tools {
namespace {

using machine::Parking;

constexpr int kFailed = 1 << 8;  // wait status of exit(1)

std::string with_underscores(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

bool is_module_file(std::string_view name) {
  for (std::string_view end : {".ko", ".ko.gz", ".ko.xz", ".ko.zst"})
    if (name.ends_with(end)) return true;
  return false;
}

bool is_modprobe(std::string_view path) {
  return path == "/sbin/modprobe" || path == "/usr/sbin/modprobe";
}

}  // namespace

// What a task waits for. `started` and `ended` are written while its queue is locked.
struct UserPrograms::Job {
  std::thread thread;
  std::atomic<int> process{0};  // of the host, while it runs
  std::atomic<bool> started{false}, ended{false};
  int start_error = 0, result = 0;

  void tell(std::atomic<bool>& what) {
    Parking::unpark(
        this, [](uintptr_t) { return Parking::Decision::kWake; }, [&](unsigned) { what = true; });
  }
  void wait(const std::atomic<bool>& what) {
    while (!what.load()) Parking::park({.key = this}, [&] { return !what.load(); });
  }
};

UserPrograms::~UserPrograms() {
  std::list<std::shared_ptr<Job>> jobs;
  {
    std::scoped_lock lock(jobs_lock_);
    closing_ = true;
    jobs.swap(jobs_);
  }
  for (auto& job : jobs) {
    if (int process = job->process.load()) outside_.kill(process);
    job->thread.join();
  }
}

int UserPrograms::run(const kernel::UserProgram& program, kernel::HelperWait wait) {
  auto job = std::make_shared<Job>();
  {
    std::scoped_lock lock(jobs_lock_);
    if (closing_) return -ENOENT;
    std::erase_if(jobs_, [](const std::shared_ptr<Job>& old) {
      if (old->ended.load() && old->thread.joinable()) old->thread.join();
      return !old->thread.joinable();
    });
    jobs_.push_back(job);
    job->thread = std::thread([this, program, job] {
      job->result = answer(program, *job);
      job->tell(job->ended);
    });
  }
  job->wait(job->started);
  if (job->start_error) return -job->start_error;
  if (wait == kernel::HelperWait::kExec) return 0;
  job->wait(job->ended);
  return job->result;
}

int UserPrograms::answer(const kernel::UserProgram& program, Job& job) {
  if (!is_modprobe(program.path)) return host_program(program, job);
  job.tell(job.started);
  return modprobe(program.arguments);
}

int UserPrograms::host_program(const kernel::UserProgram& program, Job& job) {
  int process = outside_.start({program.path, program.arguments, program.environment});
  if (process > 0) {
    job.process = process;
  } else {
    job.start_error = -process;
  }
  job.tell(job.started);
  if (process <= 0) return 0;
  int status = outside_.wait(process);
  job.process = 0;
  return status;
}

// modprobe [-q] [--] NAME [PARAMETER...]
int UserPrograms::modprobe(const std::vector<std::string>& arguments) {
  size_t at = 1;
  while (at < arguments.size() && arguments[at].starts_with('-'))
    if (arguments[at++] == "--") break;
  if (at >= arguments.size()) return kFailed;
  read_folders_now();
  const Known* module = find(with_underscores(arguments[at]));
  if (!module) return kFailed;
  std::string parameters;
  for (at++; at < arguments.size(); at++) parameters += arguments[at] + " ";
  return load(*module, parameters);
}

// What it depends on first. A module that is there already is a success.
int UserPrograms::load(const Known& module, const std::string& parameters) {
  if (session_.kernel().loader().registry().find(module.name)) return 0;
  for (const std::string& symbol : module.imports) {
    if (provided(symbol)) continue;
    const Known* owner = exporter(symbol);
    if (!owner || owner == &module) continue;  // the loader says what is missing
    if (int status = load(*owner, "")) return status;
  }
  host::Handle file(outside_.open(module.path));
  if (!file) return kFailed;
  auto outcome = session_.call("modprobe", [&] {
    using module::OwnMemory;
    return session_.system_calls().finit_module(OwnMemory(), file.get(),
                                                OwnMemory::at(parameters.c_str()), 0, module.path);
  });
  if (outcome.died) return outcome.signal;
  return outcome.error && outcome.error != EEXIST ? kFailed : 0;
}

bool UserPrograms::provided(const std::string& symbol) const {
  kernel::Kernel& kernel = session_.kernel();
  return kernel.binding().target().find_export(symbol) ||
         kernel.loader().registry().find_export(symbol);
}

// By its name, by a symbol that it exports ("symbol:NAME"), by a pattern in its alias= lines.
const UserPrograms::Known* UserPrograms::find(std::string_view name) {
  for (const Known& module : known_)
    if (module.name == name) return &module;
  constexpr std::string_view kSymbol = "symbol:";
  if (name.starts_with(kSymbol)) return exporter(name.substr(kSymbol.size()));
  for (const Known& module : known_)
    for (const std::string& alias : module.aliases)
      if (::fnmatch(with_underscores(alias).c_str(), std::string(name).c_str(), 0) == 0)
        return &module;
  return nullptr;
}

const UserPrograms::Known* UserPrograms::exporter(std::string_view symbol) {
  for (const Known& module : known_)
    if (std::find(module.exports.begin(), module.exports.end(), symbol) != module.exports.end())
      return &module;
  return nullptr;
}

void UserPrograms::read_folders() {
  for (const std::string& folder : folders_) {
    DIR* directory = ::opendir(folder.c_str());
    if (!directory) continue;
    std::vector<std::string> names;
    while (dirent* entry = ::readdir(directory))
      if (is_module_file(entry->d_name)) names.emplace_back(entry->d_name);
    ::closedir(directory);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      auto file = read_module(fmt::format("{}/{}", folder, name));
      if (!file || file->name.empty()) continue;
      known_.push_back({file->path, with_underscores(name.substr(0, name.find(".ko"))),
                        std::move(file->imports), std::move(file->exports),
                        std::move(file->aliases)});
    }
  }
}

}  // namespace ring3::tools
