// SPDX-License-Identifier: GPL-2.0-only
// The members that %pR, %pd, %pD, %pg and %pC read, and the resource flags they name.
#pragma once

#include "kapi/field.h"
#include "linux/include/tags.h"

namespace ring3::kernel {

KFIELD(resource, start, uint64_t);
KFIELD(resource, end, uint64_t);
KFIELD(resource, flags, unsigned long);
KFIELD(dentry, d_parent, k::dentry*);
KFIELD_PATH(dentry, d_name.name, name_text, const unsigned char*);
KFIELD_PATH(file, f_path.dentry, dentry, k::dentry*);
KFIELD(block_device, bd_disk, k::gendisk*);
KFIELD_MAYBE(block_device, bd_partno, uint8_t);
KFIELD_PATH_MAYBE(block_device, __bd_flags.counter, flags, int);
KPLACE(gendisk, disk_name, disk_name);
KFIELD_MAYBE(clk, core, k::clk_core*);
KFIELD_MAYBE(clk_core, name, const char*);

// linux/ioport.h
constexpr unsigned long kResourceIo = 0x100;
constexpr unsigned long kResourceMemory = 0x200;
constexpr unsigned long kResourceIrq = 0x400;
constexpr unsigned long kResourceDma = 0x800;
constexpr unsigned long kResourceBus = 0x1000;
constexpr unsigned long kResourcePrefetch = 0x2000;
constexpr unsigned long kResourceMemory64 = 0x100000;
constexpr unsigned long kResourceWindow = 0x200000;
constexpr unsigned long kResourceDisabled = 0x10000000;
constexpr unsigned long kResourceUnset = 0x20000000;

}  // namespace ring3::kernel
