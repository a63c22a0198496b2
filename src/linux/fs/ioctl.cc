// SPDX-License-Identifier: GPL-2.0-only
// ioctl(2): a few commands are the file's own on every file, all others are the driver's.
#include <cerrno>

#include "kapi/kapi.h"
#include "linux/include/fs.h"
#include "linux/include/uaccess.h"

namespace ring3::kernel {
namespace {

// include/uapi/asm-generic/ioctls.h; the ones for descriptors (FIOCLEX, FIONCLEX) are the host's.
constexpr unsigned kNonblock = 0x5421, kAsync = 0x5452;

int set_flag(k::file* file, unsigned flag, unsigned long argument) {
  int on;
  if (copy_from_user(&on, {argument}, sizeof(on))) return -EFAULT;
  if (on)
    file_f_flags(file) |= flag;
  else
    file_f_flags(file) &= ~flag;
  return 0;
}

int set_async(k::file* file, unsigned long argument) {
  int on;
  if (copy_from_user(&on, {argument}, sizeof(on))) return -EFAULT;
  if (!on == !(file_f_flags(file) & kOpenAsync)) return 0;
  auto fasync = file_operations_fasync(file_f_op(file));
  return fasync ? fasync(0, file, on) : -ENOTTY;
}

}  // namespace

long sys_ioctl(k::file* file, unsigned command, unsigned long argument) {
  constexpr long kNoCommand = -515;  // ENOIOCTLCMD
  if (command == kNonblock) return set_flag(file, kOpenNonblock, argument);
  if (command == kAsync) return set_async(file, argument);
  auto ioctl = file_operations_unlocked_ioctl(file_f_op(file));
  if (!ioctl) return -ENOTTY;
  long result = ioctl(file, command, argument);
  return result == kNoCommand ? -ENOTTY : result;
}

}  // namespace ring3::kernel
