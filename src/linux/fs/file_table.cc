// SPDX-License-Identifier: GPL-2.0-only
// struct file from its making to its last reference.
#include <atomic>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/fs/char_dev.h"
#include "linux/fs/file_table.h"
#include "linux/fs/inode.h"
#include "linux/include/fs.h"
#include "linux/include/list.h"
#include "linux/include/memory.h"
#include "linux/include/module_refs.h"
#include "linux/include/sched.h"
#include "linux/include/slab.h"
#include "linux/kernel/cred_fields.h"

namespace ring3::kernel {
namespace {

#define UNCOMPARED Partial("not compared with Linux yet")

// Of mutex, whose list head must point at itself.
KPLACE(mutex, wait_list, wait_list);

KAPI(fput, UNCOMPARED, void, (k::file * file)) { ring3::kernel::fput(file); }
KAPI(filp_close, Partial("knows no file locks and no dnotify"), int,
     (k::file * file, void* owner)) {
  return ring3::kernel::filp_close(file, owner);
}

}  // namespace

void* zeroed(size_t size) {
  void* object = kernel_allocate_for(0, size, kGfpKernel);
  if (object) std::memset(object, 0, size);
  return object;
}

k::file* file_make(k::inode* inode, k::dentry* dentry, unsigned flags) {
  auto* file = static_cast<k::file*>(zeroed(sizeof_file()));
  if (!file) return nullptr;
  word<long>(file_count(file)) = 1;
  list_init(mutex_wait_list(file_position_lock(file)));
  file_f_flags(file) = flags;
  file_f_mode(file) = ((flags + 1) & kOpenAccess) | kModeLseek | kModePread | kModePwrite;
  file_f_inode(file) = inode;
  file_dentry(file) = dentry;
  file_f_cred(file) = current_cred();
  std::memcpy(file_mapping(file), inode_mapping(inode), sizeof(void*));
  return file;
}

void fput(k::file* file) {
  if (--word<long>(file_count(file))) return;
  const k::file_operations* operations = file_f_op(file);
  k::inode* inode = file_f_inode(file);
  bool opened = file_f_mode(file) & kModeOpened;
  if (opened && file_f_flags(file) & kOpenAsync && file_operations_fasync(operations))
    file_operations_fasync(operations)(-1, file, 0);
  if (opened && file_operations_release(operations))
    file_operations_release(operations)(inode, file);
  file_forget(file);
}

void file_forget(k::file* file) {
  const k::file_operations* operations = file_f_op(file);
  k::cdev* device = inode_i_cdev(file_f_inode(file));
  node_close(file_f_inode(file));
  cdev_put(device);
  if (operations) module_drop(file_operations_owner(operations));
  kernel_free(file);
}

int filp_close(k::file* file, void* owner) {
  int error = 0;
  if (auto flush = file_operations_flush(file_f_op(file))) error = flush(file, owner);
  fput(file);
  return error;
}

}  // namespace ring3::kernel
