// SPDX-License-Identifier: GPL-2.0-only
// Several files of one folder that are replaced together: each is written whole under a temporary
// name, and when all are there they are renamed, one straight after the other. Whoever reads
// meanwhile, or whenever the program is killed, finds each file either old or new.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ring3::host {

class OutputFolder {
 public:
  OutputFolder() = default;
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();  // removes what was not put in place

  Result<void> open(const std::string& path);
  // Writes a temporary file; from any thread.
  Result<void> write(const std::string& name, std::string_view content);
  // Renames the files of these names, in this order.
  Result<void> put_in_place(const std::vector<std::string>& names);

 private:
  std::string temporary(const std::string& name) const { return name + suffix_; }

  int fd_ = -1;
  std::string path_, suffix_;
  std::mutex lock_;
  std::vector<std::string> written_;  // under lock_
};

// mkdir -p.
Result<void> make_folders(const std::string& path);

}  // namespace ring3::host
