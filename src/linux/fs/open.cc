// SPDX-License-Identifier: GPL-2.0-only
// Opening a character device: by its number a cdev, by the cdev a driver's functions, from then on
// the file's. A number that nobody has is asked for as a module first.
#include <cerrno>

#include "kapi/kapi.h"
#include "linux/fs/char_dev.h"
#include "linux/fs/file_table.h"
#include "linux/fs/inode.h"
#include "linux/include/format.h"
#include "linux/include/module_refs.h"
#include "linux/kernel/kmod.h"

namespace ring3::kernel {
namespace {

// By number, then by major alone.
void ask_for_module(uint32_t number) {
  char alias[40];
  unsigned major = number >> 20, minor = number & 0xfffff;
  format_text(alias, sizeof(alias), "char-major-%u-%u", major, minor);
  if (request_module(true, alias) <= 0) return;
  format_text(alias, sizeof(alias), "char-major-%u", major);
  request_module(true, alias);
}

k::cdev* find_device(uint32_t number) { return cdev_get(number, node_device(number)); }

// What open() of the driver decides with its file.
void settle_mode(k::file* file) {
  const k::file_operations* operations = file_f_op(file);
  unsigned& mode = file_f_mode(file);
  mode |= kModeOpened;
  if (mode & kModeRead && file_operations_read(operations)) mode |= kModeCanRead;
  if (mode & kModeWrite && file_operations_write(operations)) mode |= kModeCanWrite;
  if (!file_operations_llseek(operations)) mode &= ~kModeLseek;
}

KAPI(nonseekable_open, Real, int, (k::inode*, k::file* file)) {
  file_f_mode(file) &= ~(kModeLseek | kModePread | kModePwrite);
  return 0;
}
KAPI(stream_open, Real, int, (k::inode*, k::file* file)) {
  file_f_mode(file) &= ~(kModeLseek | kModePread | kModePwrite | kModeAtomicPosition);
  file_f_mode(file) |= kModeStream;
  return 0;
}

}  // namespace

k::file* open_character_device(uint32_t number, unsigned flags, const char* name, int* error) {
  k::cdev* device = find_device(number);
  if (!device) {
    ask_for_module(number);
    device = find_device(number);
  }
  *error = -ENXIO;
  if (!device) return nullptr;
  k::inode* inode = node_open(number, device, name);
  k::file* file = inode ? file_make(inode, node_dentry(inode), flags) : nullptr;
  if (!file) {
    if (inode) node_close(inode);
    cdev_put(device);
    *error = -ENOMEM;
    return nullptr;
  }
  // From here on the file holds the inode and the device.
  const k::file_operations* operations = cdev_operations(device);
  if (!operations || !module_try_get(file_operations_owner(operations))) {
    file_forget(file);
    return nullptr;
  }
  file_f_op(file) = operations;
  auto open = file_operations_open(operations);
  *error = open ? open(inode, file) : 0;
  // open may have put other functions there; none of a device's can do direct I/O.
  if (!*error && flags & kOpenDirect) {
    *error = -EINVAL;
    file_f_mode(file) |= kModeOpened;
    fput(file);
    return nullptr;
  }
  if (*error) {
    file_forget(file);
    return nullptr;
  }
  settle_mode(file);
  return file;
}

}  // namespace ring3::kernel
