// SPDX-License-Identifier: GPL-2.0-only
#include "host/open_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ring3::host {

Result<OpenFile> OpenFile::open(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return OpenFile(fd);
  int code = errno;
  return Error{code, fmt::format("cannot open '{}': {}", path, std::strerror(code))};
}

OpenFile::~OpenFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<uint64_t> OpenFile::size() const {
  struct stat st;
  if (::fstat(fd_, &st) != 0) return Error{errno, ""};
  return static_cast<uint64_t>(st.st_size);
}

Result<size_t> OpenFile::read(void* to, size_t size, uint64_t offset) const {
  size_t done = 0;
  while (done < size) {
    ssize_t n =
        ::pread(fd_, static_cast<char*>(to) + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{errno, ""};
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

}  // namespace ring3::host
