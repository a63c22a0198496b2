// SPDX-License-Identifier: GPL-2.0-only
// Running a tool of the host and keeping what it says; a temporary folder to run it in.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ring3::host {

struct CommandResult {
  int status = 0;      // the exit status; 128 + n when signal n ended it
  std::string output;  // standard output and error, as they came
};
// `arguments[0]` is looked up in PATH. Standard input is empty, messages are untranslated
// (LC_ALL=C). An error means that it could not be started (ENOENT: no such program).
Result<CommandResult> run_command(const std::vector<std::string>& arguments);

// Starts a program as a kernel does it: by its path, with these arguments and this environment and
// no other, in the root folder, with nothing behind its standard descriptors, every signal as it
// is by default. The process's id; an error is exec's.
Result<int> start_program(const std::string& path, const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment);
// Waits for its end: the status as wait(2) gives it.
int wait_program(int process);
bool program_has_ended(int process, int& status);
void kill_program(int process);

// Made under $TMPDIR or /tmp; removed with all that is in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create(const std::string& prefix);
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace ring3::host
