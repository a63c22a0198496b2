// SPDX-License-Identifier: GPL-2.0-only
// The programs that a machine starts: /sbin/modprobe is answered by the machine itself, which loads
// from the folders of modules that it knows; anything else is a program of the host. Each runs
// beside the machine in a thread, while the task that wants it sleeps.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "linux/include/user_mode_helper.h"
#include "outside.h"

namespace ring3::tools {

class Session;

class UserPrograms {
 public:
  UserPrograms(Session& session, Outside& outside, std::vector<std::string> folders)
      : session_(session), outside_(outside), folders_(std::move(folders)) {}
  ~UserPrograms();  // ends what still runs; the machine must be there

  // Looks into the folders now and not at the first modprobe.
  void read_folders_now() {
    std::call_once(read_, [this] { read_folders(); });
  }

  // In a task (kernel::UserModeHelper).
  int run(const kernel::UserProgram& program, kernel::HelperWait wait);

 private:
  struct Known {  // a module in one of the folders
    std::string path, name;
    std::vector<std::string> imports, exports, aliases;
  };
  struct Job;
  int answer(const kernel::UserProgram& program, Job& job);
  int host_program(const kernel::UserProgram& program, Job& job);
  int modprobe(const std::vector<std::string>& arguments);
  int load(const Known& module, const std::string& parameters);
  const Known* find(std::string_view name);
  const Known* exporter(std::string_view symbol);
  bool provided(const std::string& symbol) const;  // by the kernel or a loaded module
  void read_folders();

  Session& session_;
  Outside& outside_;
  std::vector<std::string> folders_;
  std::once_flag read_;
  std::list<Known> known_;  // as it was at the first modprobe
  std::mutex jobs_lock_;
  bool closing_ = false;
  std::list<std::shared_ptr<Job>> jobs_;
};

}  // namespace ring3::tools
