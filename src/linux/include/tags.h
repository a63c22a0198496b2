// SPDX-License-Identifier: GPL-2.0-only
// Incomplete types for the kernel's structs, so that pointers to different ones do not mix and
// prototypes are written as Linux writes them. Nobody defines these: members are KFIELDs. Other
// headers may declare more of them (a repeated declaration is harmless).
#pragma once

namespace ring3::k {
struct block_device;
struct clk_core;
struct console;
struct dentry;
struct device;
struct device_driver;
struct file;
struct gendisk;
struct list_head;
struct ratelimit_state;
struct _ddebug;
struct dev_printk_info;
struct ib_device;
struct net_device;
}  // namespace ring3::k
