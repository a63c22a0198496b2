// SPDX-License-Identifier: GPL-2.0-only
// A target: the kernel a module was built for, as facts read from files (DESIGN section 3). Its
// release, its exports with CRC, licence and namespace (Module.symvers), the layouts and prototypes
// of its BTF, its configuration. Presence and prototype decide what we do, never a version number.
//
// Opening parses megabytes only the first time: what was read is compiled into one file in the
// user's cache folder, mapped on the next start, and rebuilt when an input's size or time changes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"

namespace ring3::target {

// A line of Module.symvers.
struct Export {
  std::string_view name;
  uint32_t crc = 0;
  bool gpl_only = false;
  std::string_view name_space;  // empty when none
  std::string_view module;      // "vmlinux", or the module's path in the kernel tree
  // The canonical prototype (see base/encode.h) of a function that BTF describes, else empty.
  // Functions that BTF gives as void(void) because they are assembly also have one: "v()".
  std::string_view prototype;
  // The prototype in C, for people: "void *kmalloc_trace(struct kmem_cache *, gfp_t, size_t)".
  std::string_view declaration;
};

struct Field {
  uint64_t offset = 0;      // bytes; for a bit field, of the storage that holds it
  uint64_t size = 0;        // bytes; arrays: all of it
  uint32_t bit_offset = 0;  // inside the storage, bit fields only
  uint32_t bit_size = 0;    // 0 when not a bit field
  std::string_view
      type;  // canonical encoding (base/encode.h): "i4s", "p(work_struct)", "s16(list_head)"
};

struct OpenOptions {
  std::string kdir;       // a kernel build folder; empty: /lib/modules/RELEASE/build
  std::string release;    // which RELEASE; may be empty when kdir is given
  std::string cache_dir;  // empty: $XDG_CACHE_HOME/ring3 or ~/.cache/ring3
  bool rebuild = false;   // ignore what is cached
};

// Code of the kernel itself that /sys/module shows.
struct BuiltinModule {
  std::string_view name, version;  // no version: empty
};
using BuiltinModules = std::map<std::string, std::string>;  // as they are collected

class Target {
 public:
  // An error names what is missing and the Debian package that brings it
  // ("linux-headers-6.1.0-56-amd64").
  static Result<std::unique_ptr<Target>> open(const OpenOptions& options, Diagnostics& diagnostics);
  virtual ~Target() = default;

  virtual std::string_view release() const = 0;  // "6.1.0-56-amd64"
  virtual std::string_view vermagic()
      const = 0;  // "6.1.0-56-amd64 SMP preempt mod_unload modversions " as the kernel spells it
  virtual std::string_view kdir() const = 0;
  virtual std::string_view btf_source() const = 0;  // which of the four, with its path
  virtual std::string_view banner()
      const = 0;  // "6.1.0-56-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (...)" as far as known

  // Only what vmlinux exports. Exports of the kernel's own modules are found with find_any_export.
  virtual std::optional<Export> find_export(std::string_view name) const = 0;
  virtual std::optional<Export> find_any_export(std::string_view name) const = 0;
  virtual std::vector<Export> exports() const = 0;  // of vmlinux, sorted by name

  // A member by path: field("module", "core_layout.base"). Anonymous members are looked through.
  // `type_name` is a struct or union tag, or a typedef of one.
  virtual std::optional<Field> field(std::string_view type_name, std::string_view path) const = 0;
  virtual std::optional<uint64_t> size_of(std::string_view type_name) const = 0;
  virtual std::optional<int64_t> enumerator(std::string_view name) const = 0;
  // The canonical prototype of any function in BTF, exported or not.
  virtual std::optional<std::string_view> prototype(std::string_view function) const = 0;

  virtual std::optional<std::string_view> config(
      std::string_view option) const = 0;  // "CONFIG_HZ" -> "250"; y, m or text
  // X86_FEATURE_name as word * 32 + bit, from asm/cpufeatures.h.
  virtual std::optional<uint32_t> cpu_feature(std::string_view name) const = 0;
  // What has parameters or a version without being a module that can be loaded, sorted.
  virtual std::vector<BuiltinModule> builtin_modules() const = 0;
};

// The release that a module's vermagic names: its first word.
std::string_view release_of_vermagic(std::string_view vermagic);

}  // namespace ring3::target
