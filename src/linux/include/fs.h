// SPDX-License-Identifier: GPL-2.0-only
// Open files as drivers see them: struct file, inode, dentry and file_operations in the target's
// layout, and the calls of the virtual file system that a program's system calls become. Results
// are Linux's: a count or a position, or a negative errno; -ERESTARTSYS is for the boundary to
// translate.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/address.h"
#include "kapi/field.h"

namespace ring3::k {
struct cdev;
struct cred;
struct dentry;
struct file;
struct file_operations;
struct inode;
struct module;
struct poll_table_struct;
struct vm_area_struct;
}  // namespace ring3::k

namespace ring3::kernel {

// include/linux/fs.h; the same in all targets.
inline constexpr unsigned kModeRead = 1, kModeWrite = 2, kModeLseek = 4, kModePread = 8,
                          kModePwrite = 0x10, kModeAtomicPosition = 0x8000, kModeCanRead = 0x20000,
                          kModeCanWrite = 0x40000, kModeOpened = 0x80000, kModeStream = 0x200000;
// Open flags of the x86-64 ABI (include/uapi/asm-generic/fcntl.h).
inline constexpr unsigned kOpenAccess = 3, kOpenAppend = 02000, kOpenNonblock = 04000,
                          kOpenAsync = 020000, kOpenDirect = 040000, kOpenLarge = 0100000;

using FilePointer = long long;  // loff_t
using FileCall = int (*)(k::inode*, k::file*);

KSIZE(file);
KFIELD(file, f_op, const k::file_operations*);
KFIELD(file, f_inode, k::inode*);
KFIELD(file, f_flags, unsigned);
KFIELD(file, f_mode, unsigned);
KFIELD(file, f_pos, FilePointer);
KFIELD(file, private_data, void*);
KFIELD(file, f_cred, const k::cred*);
KFIELD_PATH(file, f_path.dentry, dentry, k::dentry*);
KPLACE(file, f_count, count);
KPLACE(file, f_lock, lock);
KPLACE(file, f_mapping, mapping);
KPLACE(file, f_pos_lock, position_lock);

KSIZE(inode);
KFIELD(inode, i_mode, unsigned short);
KFIELD(inode, i_rdev, uint32_t);
KFIELD(inode, i_cdev, k::cdev*);
KFIELD(inode, i_ino, unsigned long);
KFIELD(inode, i_size, FilePointer);
KPLACE(inode, i_data, data);
KPLACE(inode, i_mapping, mapping);
KPLACE(inode, i_count, count);

KSIZE(dentry);
KFIELD(dentry, d_inode, k::inode*);
KFIELD(dentry, d_parent, k::dentry*);
KPLACE(dentry, d_name.name, name);
KPLACE(dentry, d_iname, inline_name);

KFIELD(file_operations, owner, k::module*);
KFIELD(file_operations, llseek, FilePointer (*)(k::file*, FilePointer, int));
KFIELD(file_operations, read, long (*)(k::file*, char*, size_t, FilePointer*));
KFIELD(file_operations, write, long (*)(k::file*, const char*, size_t, FilePointer*));
KFIELD(file_operations, poll, unsigned (*)(k::file*, k::poll_table_struct*));
KFIELD(file_operations, unlocked_ioctl, long (*)(k::file*, unsigned, unsigned long));
KFIELD(file_operations, open, FileCall);
KFIELD(file_operations, flush, int (*)(k::file*, void*));
KFIELD(file_operations, release, FileCall);
KFIELD(file_operations, fsync, int (*)(k::file*, FilePointer, FilePointer, int));
KFIELD(file_operations, fasync, int (*)(int, k::file*, int));

// A device number as struct inode has it: 12 bits of major, 20 of minor.
inline constexpr uint32_t device_number(unsigned major, unsigned minor) {
  return major << 20 | minor;
}

// open(2) of a character device's node; `name` is the node's, for %pD. A negative errno in *error
// and null when it fails. The caller owns the file's one reference.
k::file* open_character_device(uint32_t number, unsigned flags, const char* name, int* error);
// The last reference goes: release, and the module's references.
void fput(k::file* file);
// One descriptor of a program was closed: flush, its result, and a reference less.
int filp_close(k::file* file, void* owner);

long vfs_read(k::file* file, UserAddress to, size_t count, FilePointer* position);
long vfs_write(k::file* file, UserAddress from, size_t count, FilePointer* position);
FilePointer vfs_llseek(k::file* file, FilePointer offset, int whence);
int vfs_fsync(k::file* file, bool data_only);

// The system calls, on a file.
long sys_read(k::file* file, UserAddress to, size_t count);
long sys_write(k::file* file, UserAddress from, size_t count);
long sys_pread(k::file* file, UserAddress to, size_t count, FilePointer position);
long sys_pwrite(k::file* file, UserAddress from, size_t count, FilePointer position);
FilePointer sys_lseek(k::file* file, FilePointer offset, unsigned whence);
long sys_ioctl(k::file* file, unsigned command, unsigned long argument);

// The events of `wanted` (and POLLERR, POLLHUP) that the file is ready for; waits up to
// `timeout_ms` (-1: for ever) for one. -EINTR when a signal came first.
int poll_file(k::file* file, unsigned wanted, int timeout_ms);

}  // namespace ring3::kernel
