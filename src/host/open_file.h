// SPDX-License-Identifier: GPL-2.0-only
// A file that is open for reading: its descriptor, which a system call may want, and parts of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::host {

class OpenFile {
 public:
  static Result<OpenFile> open(const std::string& path);
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  int fd() const { return fd_; }
  // Errors of these two have no text.
  Result<uint64_t> size() const;
  // Fills `to` from `offset` on; the bytes that were there to read, fewer at the end of the file.
  Result<size_t> read(void* to, size_t size, uint64_t offset) const;

 private:
  explicit OpenFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace ring3::host
