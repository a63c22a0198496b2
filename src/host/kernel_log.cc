// SPDX-License-Identifier: GPL-2.0-only
#include "host/kernel_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace ring3::host {

KernelLog::~KernelLog() {
  if (fd_ >= 0) ::close(fd_);
}

void KernelLog::mark() {
  if (fd_ < 0) fd_ = ::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ >= 0 && ::lseek(fd_, 0, SEEK_END) < 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

std::vector<std::string> KernelLog::since_mark() {
  constexpr size_t kMostRecords = 4096;  // a flood of messages ends the reading, not the tool
  std::vector<std::string> records;
  char record[8192];  // the kernel's limit for one
  while (fd_ >= 0 && records.size() < kMostRecords) {
    ssize_t n = ::read(fd_, record, sizeof(record));
    if (n < 0 && (errno == EINTR || errno == EPIPE)) continue;  // EPIPE: overtaken by the ring
    if (n <= 0) break;
    records.emplace_back(record, static_cast<size_t>(n));
  }
  return records;
}

}  // namespace ring3::host
