// SPDX-License-Identifier: GPL-2.0-only
// Whole files: read, mapped, written in one step. Errors name the path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::host {

struct FileInfo {
  bool exists = false;
  bool directory = false;
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  uint64_t inode = 0;
};
FileInfo stat_file(const std::string& path);

Result<std::vector<std::byte>> read_file(const std::string& path, uint64_t limit = 1ull << 32);
// Written beside the path and renamed over it: readers see the old file or the new one. Missing
// parent folders are made.
Result<void> write_file_atomically(const std::string& path, Bytes content);

// A private read-only mapping of a file.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  Bytes bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  MappedFile(void* data, size_t size) : data_(data), size_(size) {}
  void* data_ = nullptr;
  size_t size_ = 0;
};

std::string environment(const char* name);  // empty when unset
// The release of the running kernel (uname -r).
std::string running_release();
std::string read_link(const std::string& path);  // empty when it is none
std::string absolute_path(const std::string& path);

}  // namespace ring3::host
