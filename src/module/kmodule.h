// SPDX-License-Identifier: GPL-2.0-only
// Linux's struct module and the structs that a module's own sections hold, as far as the loader
// writes or reads them. struct module itself is the module's section .gnu.linkonce.this_module:
// modpost filled in the name, init and exit, the loader the rest, and module code reads it inline
// (module_name(), module_is_live()).
#pragma once

#include "kapi/field.h"

namespace ring3::k {
struct module;
struct list_head;
struct kernel_param;
struct kernel_param_ops;
struct kernel_symbol;
struct exception_table_entry;
struct bug_entry;
struct kobject;
}  // namespace ring3::k

namespace ring3::module {

KSIZE(module);
KFIELD(module, state, unsigned);
KPLACE(module, list, list);
KFIELD(module, name, char[56]);  // MODULE_NAME_LEN
KFIELD(module, init, int (*)());
KFIELD(module, exit, void (*)());
KFIELD(module, kp, k::kernel_param*);
KFIELD(module, num_kp, unsigned);
KFIELD(module, version, const char*);
KFIELD(module, srcversion, const char*);
KFIELD(module, taints, unsigned long);
KFIELD(module, percpu, void*);
KFIELD(module, percpu_size, unsigned);
KFIELD(module, extable, k::exception_table_entry*);
KFIELD(module, num_exentries, unsigned);
KFIELD(module, bug_table, k::bug_entry*);
KFIELD(module, num_bugs, unsigned);
KFIELD(module, args, char*);
KFIELD(module, using_gplonly_symbols, bool);
KFIELD(module, sig_ok, bool);
KFIELD(module, async_probe_requested, bool);
KPLACE(module, source_list, source_list);
KPLACE(module, target_list, target_list);
// struct module_layout until v6.4 (ac3b43283923), struct module_memory mem[] since.
KFIELD_PATH_MAYBE(module, core_layout.base, core_base, void*);
KFIELD_PATH_MAYBE(module, core_layout.size, core_size, unsigned);
KFIELD_PATH_MAYBE(module, init_layout.base, init_base, void*);
KFIELD_PATH_MAYBE(module, init_layout.size, init_size, unsigned);

KSIZE(kernel_param);
KFIELD(kernel_param, name, const char*);
KFIELD(kernel_param, ops, const k::kernel_param_ops*);
KFIELD(kernel_param, perm, unsigned short);
KFIELD(kernel_param, level, signed char);
KFIELD(kernel_param, flags, unsigned char);
KFIELD(kernel_param, arg, void*);
KSIZE(kernel_param_ops);
KFIELD(kernel_param_ops, flags, unsigned);
KFIELD(kernel_param_ops, set, int (*)(const char*, const k::kernel_param*));
KFIELD(kernel_param_ops, get, int (*)(char*, const k::kernel_param*));
KFIELD(kernel_param_ops, free, void (*)(void*));

// include/linux/moduleparam.h
inline constexpr unsigned kParamOpsNoArgument = 1;  // KERNEL_PARAM_OPS_FL_NOARG
inline constexpr unsigned kParamUnsafe = 1;         // KERNEL_PARAM_FL_UNSAFE

// Entries with self-relative pointers (CONFIG_HAVE_ARCH_PREL32_RELOCATIONS,
// CONFIG_GENERIC_BUG_RELATIVE_POINTERS); the same in every x86-64 target with these options, and
// their sizes are checked against BTF by the loader.
struct RelativeSymbol {  // struct kernel_symbol
  int32_t value, name, name_space;
};
struct RelativeExtable {  // struct exception_table_entry
  int32_t instruction, fixup, data;
};
struct RelativeBug {  // struct bug_entry
  int32_t address, file;
  uint16_t line, flags;
};
KSIZE(kernel_symbol);
KSIZE(exception_table_entry);
KSIZE(bug_entry);

// What a self-relative member points at.
inline uint64_t relative(const int32_t& member) {
  return reinterpret_cast<uint64_t>(&member) + static_cast<uint64_t>(static_cast<int64_t>(member));
}

}  // namespace ring3::module
