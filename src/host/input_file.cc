// SPDX-License-Identifier: GPL-2.0-only
#include "host/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "host/failed.h"

namespace ring3::host {

Result<void> InputFile::open(const std::string& path) {
  close();
  path_ = path;
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) return failed("open", path);
  struct stat st;
  if (::fstat(fd_, &st) != 0) return failed("stat", path);
  if (S_ISDIR(st.st_mode))
    return Error{EISDIR, fmt::format("cannot read '{}': it is a folder", path)};
  size_ = static_cast<uint64_t>(st.st_size);
  return {};
}

void InputFile::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  size_ = 0;
}

Result<void> InputFile::read_at(uint64_t offset, void* to, size_t size) const {
  char* at = static_cast<char*>(to);
  while (size) {
    ssize_t n = ::pread(fd_, at, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("read", path_);
    if (n == 0)
      return Error{EIO, fmt::format("'{}' was cut to {} bytes while it was read", path_, offset)};
    at += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
  return {};
}

}  // namespace ring3::host
