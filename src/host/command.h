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
