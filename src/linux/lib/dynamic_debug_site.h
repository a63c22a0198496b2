// SPDX-License-Identifier: GPL-2.0-only
// struct _ddebug: a pr_debug call site, in section __dyndbg of its module. Flags, line and class
// are bit fields, whose places are asked of BTF (dynamic_debug.cc does it at boot).
#pragma once

#include <cstdint>
#include <cstring>

#include "kapi/field.h"
#include "module/tables.h"

namespace ring3::k {
struct _ddebug;
struct ddebug_class_map;
struct ddebug_class_param;
struct static_key;
struct net_device;
struct ib_device;
}  // namespace ring3::k

namespace ring3::kernel {

KSIZE(_ddebug);
KFIELD(_ddebug, modname, const char*);
KFIELD(_ddebug, function, const char*);
KFIELD(_ddebug, filename, const char*);
KFIELD(_ddebug, format, const char*);
KPLACE(_ddebug, key, key);

// The classes of sites that a module names, in section __dyndbg_classes.
KSIZE(ddebug_class_map);
KFIELD(ddebug_class_map, class_names, const char**);
KFIELD(ddebug_class_map, length, int);
KFIELD(ddebug_class_map, base, int);
KPLACE(ddebug_class_map, map_type, map_type);  // an enum

// What a parameter that switches classes has for its argument.
KSIZE_MAYBE(ddebug_class_param);
KFIELD_MAYBE(ddebug_class_param, bits, unsigned long*);
KFIELD_MAYBE(ddebug_class_param, flags, char[8]);
KFIELD_MAYBE(ddebug_class_param, map, const k::ddebug_class_map*);

// ENOEXEC: pointers of the map, or of the argument of a parameter, lead nowhere.
Result<void> check_class_map(const module::TableEntry& entry, const k::ddebug_class_map* map);
Result<void> check_class_param(const module::TableEntry& entry, const void* argument);

// One of the bit fields: the word that holds it and where in it.
struct SiteField {
  uint64_t offset = 0;
  unsigned shift = 0;
  unsigned bits = 0;

  unsigned get(const k::_ddebug* site) const { return word(site) >> shift & mask(); }
  void set(k::_ddebug* site, unsigned value) const {
    uint32_t changed = (word(site) & ~(mask() << shift)) | value << shift;
    if (bits) std::memcpy(reinterpret_cast<char*>(site) + offset, &changed, sizeof(changed));
  }

 private:
  uint32_t mask() const { return bits < 32 ? (1u << bits) - 1 : ~0u; }
  uint32_t word(const k::_ddebug* site) const {
    uint32_t word;
    std::memcpy(&word, reinterpret_cast<const char*>(site) + offset, sizeof(word));
    return word;
  }
};
struct SiteFields {
  SiteField flags, line, class_id;
  uint64_t network_state = 0;  // net_device.reg_state, a byte
  bool source = false;         // v6.7 has the flag for the file's name (module/dialect.h)
};
const SiteFields& site_fields();

// linux/dynamic_debug.h
enum SiteFlags : unsigned {
  kSitePrint = 1,
  kSiteModule = 2,
  kSiteFunction = 4,
  kSiteLine = 8,
  kSiteTask = 16,
  kSiteSource = 32,
};

}  // namespace ring3::kernel
