// SPDX-License-Identifier: GPL-2.0-only
#include "host/memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "base/sanitizers.h"
#ifdef RING3_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace ring3::host {
namespace {

int flags_of(Protection protection) {
  switch (protection) {
    case Protection::kNone:
      return PROT_NONE;
    case Protection::kRead:
      return PROT_READ;
    case Protection::kReadWrite:
      return PROT_READ | PROT_WRITE;
    case Protection::kReadExecute:
      return PROT_READ | PROT_EXEC;
  }
  return PROT_NONE;
}

void* pointer(uint64_t address) { return reinterpret_cast<void*>(address); }

Error failed(const char* what, uint64_t address, uint64_t size) {
  int code = errno;
  return Error{code, fmt::format("cannot {} {:#x}-{:#x} ({} KiB): {}", what, address,
                                 address + size, size / 1024, std::strerror(code))};
}

}  // namespace

Result<uint64_t> reserve(uint64_t address, uint64_t size, uint64_t alignment) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  uint64_t slack = address ? 0 : alignment;
  void* result = mmap(pointer(address), size + slack, PROT_NONE,
                      kFlags | (address ? MAP_FIXED_NOREPLACE : 0), -1, 0);
  if (result == MAP_FAILED) return failed("reserve", address, size);
  if (address) return address;
  uint64_t begin = reinterpret_cast<uint64_t>(result);
  uint64_t aligned = (begin + alignment - 1) / alignment * alignment;
  if (aligned > begin) munmap(pointer(begin), aligned - begin);
  uint64_t end = begin + size + slack;
  if (end > aligned + size) munmap(pointer(aligned + size), end - aligned - size);
  return aligned;
}

Result<void> commit(uint64_t address, uint64_t size, Protection protection) {
  void* result = mmap(pointer(address), size, flags_of(protection),
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (result == MAP_FAILED) return failed("commit", address, size);
  return {};
}

Result<void> decommit(uint64_t address, uint64_t size) {
  return commit(address, size, Protection::kNone);
}

Result<void> protect(uint64_t address, uint64_t size, Protection protection) {
  if (mprotect(pointer(address), size, flags_of(protection)) != 0)
    return failed("protect", address, size);
  return {};
}

void release(uint64_t address, uint64_t size) {
#ifdef RING3_ASAN
  // Frames that were left without returning (a task that died in a trap) keep their poison, and the
  // next mapping here would inherit it. Only stacks have such frames, and no stack is large.
  constexpr uint64_t kLargestStack = 4 << 20;
  if (size <= kLargestStack) __asan_unpoison_memory_region(pointer(address), size);
#endif
  munmap(pointer(address), size);
}

Result<int> create_memory_file(const char* name, uint64_t size) {
  int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) return failed("create a memory file for", 0, size);
  if (ftruncate(fd, static_cast<off_t>(size)) != 0) {
    Error error = failed("size a memory file to", 0, size);
    close(fd);
    return error;
  }
  return fd;
}

Result<void> map_file_shared(uint64_t address, uint64_t size, int fd, uint64_t offset) {
  void* result = mmap(pointer(address), size, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd, static_cast<off_t>(offset));
  if (result == MAP_FAILED) return failed("map a memory file at", address, size);
  return {};
}

void punch_hole(int fd, uint64_t offset, uint64_t size) {
  (void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                   static_cast<off_t>(size));
}

void close_fd(int fd) { close(fd); }

}  // namespace ring3::host
