// SPDX-License-Identifier: GPL-2.0-only
// A file of which only some parts are read, each with one pread: no mapping, so a file that is cut
// while it is read gives an error and not a signal.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace ring3::host {

class InputFile {
 public:
  InputFile() = default;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { close(); }

  Result<void> open(const std::string& path);  // closes what was open before
  void close();
  uint64_t size() const { return size_; }
  // Exactly these bytes; fewer are an error.
  Result<void> read_at(uint64_t offset, void* to, size_t size) const;

 private:
  int fd_ = -1;
  uint64_t size_ = 0;
  std::string path_;
};

}  // namespace ring3::host
