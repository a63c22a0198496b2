// SPDX-License-Identifier: GPL-2.0-only
#include "host/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace ring3::host {

Result<DescriptorInfo> readable_file(int fd) {
  int flags = ::fcntl(fd, F_GETFL);
  struct stat status;
  if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY || flags & O_PATH) return Error{EBADF, ""};
  if (::fstat(fd, &status) != 0) return Error{EBADF, ""};
  return DescriptorInfo{S_ISREG(status.st_mode), static_cast<uint64_t>(status.st_size),
                        status.st_ino};
}

bool open_for_writing(int fd) {
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

Result<std::vector<std::byte>> read_descriptor(int fd, uint64_t size) {
  std::vector<std::byte> bytes(size);
  for (uint64_t at = 0; at < size;) {
    ssize_t n = ::pread(fd, bytes.data() + at, size - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{errno, ""};
    if (n == 0) {
      bytes.resize(at);
      break;
    }
    at += static_cast<uint64_t>(n);
  }
  return bytes;
}

bool copy_checked(void* to, const void* from, size_t size) {
  iovec local{to, size}, remote{const_cast<void*>(from), size};
  return ::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

}  // namespace ring3::host
