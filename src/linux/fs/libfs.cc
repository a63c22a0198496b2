// SPDX-License-Identifier: GPL-2.0-only
// Helpers that drivers build their file functions from: reads and writes between a buffer and the
// program, and open functions.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/fs.h"
#include "linux/include/uaccess.h"

namespace ring3::kernel {
namespace {

#define UNCOMPARED Partial("not compared with Linux yet")

KFIELD(inode, i_private, void*);

UserAddress user(const void* pointer) { return {reinterpret_cast<uint64_t>(pointer)}; }

// How much of `count` bytes at *position there is; negative: no such position.
long room(FilePointer position, size_t count, size_t available) {
  if (position < 0) return -EINVAL;
  if (static_cast<size_t>(position) >= available) return 0;
  return static_cast<long>(std::min(count, available - static_cast<size_t>(position)));
}

KAPI(simple_read_from_buffer, Real, long,
     (void* to, size_t count, FilePointer* position, const void* from, size_t available)) {
  long size = room(*position, count, available);
  if (size <= 0) return size;
  size_t bytes = static_cast<size_t>(size);
  size_t left = copy_to_user(user(to), static_cast<const char*>(from) + *position, bytes);
  if (left == bytes) return -EFAULT;
  *position += static_cast<FilePointer>(bytes - left);
  return static_cast<long>(bytes - left);
}

KAPI(simple_write_to_buffer, Real, long,
     (void* to, size_t available, FilePointer* position, const void* from, size_t count)) {
  long size = room(*position, count, available);
  if (size <= 0) return size;
  size_t bytes = static_cast<size_t>(size);
  size_t left = copy_from_user(static_cast<char*>(to) + *position, user(from), bytes);
  if (left == bytes) return -EFAULT;
  *position += static_cast<FilePointer>(bytes - left);
  return static_cast<long>(bytes - left);
}

KAPI(memory_read_from_buffer, UNCOMPARED, long,
     (void* to, size_t count, FilePointer* position, const void* from, size_t available)) {
  long size = room(*position, count, available);
  if (size <= 0) return size;
  std::memcpy(to, static_cast<const char*>(from) + *position, static_cast<size_t>(size));
  *position += size;
  return size;
}

KAPI(simple_open, UNCOMPARED, int, (k::inode * inode, k::file* file)) {
  if (void* data = inode_i_private(inode)) file_private_data(file) = data;
  return 0;
}
KAPI(noop_fsync, UNCOMPARED, int, (k::file*, FilePointer, FilePointer, int)) { return 0; }

}  // namespace
}  // namespace ring3::kernel
