// SPDX-License-Identifier: GPL-2.0-only
// read(2), write(2), lseek(2) and their relatives on an open file, with Linux's order of checks;
// and the llseek functions that drivers choose from.
#include <algorithm>
#include <cerrno>

#include "kapi/kapi.h"
#include "linux/include/fs.h"
#include "linux/include/uaccess.h"

namespace ring3::kernel {
namespace {

#define UNCOMPARED Partial("not compared with Linux yet")

constexpr size_t kMost = 0x7ffff000;  // MAX_RW_COUNT
constexpr FilePointer kPointerMost = INT64_MAX;
enum Whence : int { kSet, kCurrent, kEnd, kData, kHole };

long verify(const FilePointer* position, UserAddress buffer, size_t count) {
  if (!access_ok(buffer, count)) return -EFAULT;
  if (static_cast<long>(count) < 0 || (position && *position < 0)) return -EINVAL;
  return 0;
}

// FilePointer* of a file that has a position; null of a stream.
template <class Call>
long at_file_position(k::file* file, Call&& call) {
  if (file_f_mode(file) & kModeStream) return call(nullptr);
  FilePointer position = file_f_pos(file);
  long result = call(&position);
  if (result >= 0) file_f_pos(file) = position;
  return result;
}

FilePointer set_position(k::file* file, FilePointer offset, FilePointer most) {
  if (offset < 0 || offset > most) return -EINVAL;
  if (offset != file_f_pos(file)) file_f_pos(file) = offset;
  return offset;
}

// `end`: what SEEK_END counts from, and where data ends.
FilePointer seek(k::file* file, FilePointer offset, int whence, FilePointer most, FilePointer end) {
  switch (whence) {
    case kEnd:
      offset += end;
      break;
    case kCurrent:
      if (!offset) return file_f_pos(file);
      offset += file_f_pos(file);
      break;
    case kData:
      if (offset < 0 || offset >= end) return -ENXIO;
      break;
    case kHole:
      if (offset < 0 || offset >= end) return -ENXIO;
      offset = end;
      break;
    default:
      break;
  }
  return set_position(file, offset, most);
}

FilePointer inode_size(k::file* file) { return inode_i_size(file_f_inode(file)); }
bool absolute_or_relative(int whence) { return whence == kSet || whence == kCurrent; }

KAPI(generic_file_llseek_size, UNCOMPARED, FilePointer,
     (k::file * file, FilePointer offset, int whence, FilePointer most, FilePointer end)) {
  return seek(file, offset, whence, most, end);
}
KAPI(generic_file_llseek, UNCOMPARED, FilePointer,
     (k::file * file, FilePointer offset, int whence)) {
  return seek(file, offset, whence, kPointerMost, inode_size(file));
}
KAPI(fixed_size_llseek, Real, FilePointer,
     (k::file * file, FilePointer offset, int whence, FilePointer size)) {
  if (whence < kSet || whence > kEnd) return -EINVAL;
  return seek(file, offset, whence, size, size);
}
KAPI(no_seek_end_llseek, UNCOMPARED, FilePointer,
     (k::file * file, FilePointer offset, int whence)) {
  if (!absolute_or_relative(whence)) return -EINVAL;
  return seek(file, offset, whence, kPointerMost, 0);
}
KAPI(no_seek_end_llseek_size, UNCOMPARED, FilePointer,
     (k::file * file, FilePointer offset, int whence, FilePointer size)) {
  if (!absolute_or_relative(whence)) return -EINVAL;
  return seek(file, offset, whence, size, 0);
}
KAPI(noop_llseek, Real, FilePointer, (k::file * file, FilePointer, int)) {
  return file_f_pos(file);
}
KAPI(default_llseek, UNCOMPARED, FilePointer, (k::file * file, FilePointer offset, int whence)) {
  FilePointer end = inode_size(file);
  switch (whence) {
    case kEnd:
      offset += end;
      break;
    case kCurrent:
      if (!offset) return file_f_pos(file);
      offset += file_f_pos(file);
      break;
    case kData:
      if (offset >= end) return -ENXIO;
      break;
    case kHole:
      if (offset >= end) return -ENXIO;
      offset = end;
      break;
    default:
      break;
  }
  if (offset < 0) return -EINVAL;
  file_f_pos(file) = offset;
  return offset;
}
KAPI(vfs_setpos, UNCOMPARED, FilePointer, (k::file * file, FilePointer offset, FilePointer most)) {
  return set_position(file, offset, most);
}
KAPI(vfs_llseek, UNCOMPARED, FilePointer, (k::file * file, FilePointer offset, int whence)) {
  return ring3::kernel::vfs_llseek(file, offset, whence);
}

}  // namespace

long vfs_read(k::file* file, UserAddress to, size_t count, FilePointer* position) {
  if (!(file_f_mode(file) & kModeRead)) return -EBADF;
  if (!(file_f_mode(file) & kModeCanRead)) return -EINVAL;
  if (long error = verify(position, to, count)) return error;
  return file_operations_read(file_f_op(file))(file, reinterpret_cast<char*>(to.value),
                                               std::min(count, kMost), position);
}

long vfs_write(k::file* file, UserAddress from, size_t count, FilePointer* position) {
  if (!(file_f_mode(file) & kModeWrite)) return -EBADF;
  if (!(file_f_mode(file) & kModeCanWrite)) return -EINVAL;
  if (long error = verify(position, from, count)) return error;
  return file_operations_write(file_f_op(file))(file, reinterpret_cast<const char*>(from.value),
                                                std::min(count, kMost), position);
}

FilePointer vfs_llseek(k::file* file, FilePointer offset, int whence) {
  if (!(file_f_mode(file) & kModeLseek)) return -ESPIPE;
  return file_operations_llseek(file_f_op(file))(file, offset, whence);
}

int vfs_fsync(k::file* file, bool data_only) {
  auto fsync = file_operations_fsync(file_f_op(file));
  return fsync ? fsync(file, 0, kPointerMost, data_only) : -EINVAL;
}

long sys_read(k::file* file, UserAddress to, size_t count) {
  return at_file_position(file, [&](FilePointer* at) { return vfs_read(file, to, count, at); });
}
long sys_write(k::file* file, UserAddress from, size_t count) {
  return at_file_position(file, [&](FilePointer* at) { return vfs_write(file, from, count, at); });
}
long sys_pread(k::file* file, UserAddress to, size_t count, FilePointer position) {
  if (position < 0) return -EINVAL;
  if (!(file_f_mode(file) & kModePread)) return -ESPIPE;
  return vfs_read(file, to, count, &position);
}
long sys_pwrite(k::file* file, UserAddress from, size_t count, FilePointer position) {
  if (position < 0) return -EINVAL;
  if (!(file_f_mode(file) & kModePwrite)) return -ESPIPE;
  return vfs_write(file, from, count, &position);
}
FilePointer sys_lseek(k::file* file, FilePointer offset, unsigned whence) {
  if (whence > kHole) return -EINVAL;
  return vfs_llseek(file, offset, static_cast<int>(whence));
}

}  // namespace ring3::kernel
