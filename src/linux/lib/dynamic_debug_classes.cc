// SPDX-License-Identifier: GPL-2.0-only
// Parameters that switch classes of debug messages (param_ops_dyndbg_classes). The parameter's
// argument names the module's class map and the flags to switch; its value is a bit for each class,
// or how many of them are on, as a number or by the classes' names. Whatever changes becomes a
// query, as somebody could have written it into the control file.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/dynamic_debug.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"
#include "linux/kernel/params.h"
#include "linux/lib/dynamic_debug_site.h"
#include "module/kmodule.h"

namespace ring3::kernel {
namespace {

using Param = const k::kernel_param*;

enum MapType : unsigned { kBits, kLevel, kNames, kLevelNames };  // enum class_map_type

constexpr size_t kPageSize = 4096;  // what sysfs gives a show function

class Classes {
 public:
  explicit Classes(Param param)
      : name_(module::kernel_param_name(param)),
        param_(static_cast<const k::ddebug_class_param*>(module::kernel_param_arg(param))),
        map_(ddebug_class_param_map(param_)) {}

  const char* parameter() const { return name_; }
  unsigned type() const { return *static_cast<unsigned*>(ddebug_class_map_map_type(map_)); }
  bool is_level() const { return type() == kLevel || type() == kLevelNames; }
  bool is_known() const { return type() <= kLevelNames; }
  unsigned count() const {
    return static_cast<unsigned>(std::clamp(ddebug_class_map_length(map_), 0, 63));
  }
  uint64_t first(uint64_t number) const { return (uint64_t{1} << number) - 1; }
  uint64_t value() const { return is_level() ? *level() : *bits(); }

  // Switches what differs and keeps the value.
  void set(uint64_t value) const {
    uint64_t before = this->value();
    uint64_t wanted = is_level() ? first(value) : value;
    uint64_t changed = wanted ^ (is_level() ? first(std::min<uint64_t>(before, count())) : before);
    for (unsigned i = 0; i < count(); i++) {
      if (!(changed >> i & 1)) continue;
      std::string_view flags(ddebug_class_param_flags(param_), sizeof(flags_type));
      dynamic_debug_queries(
          fmt::format("class {} {}{}", ddebug_class_map_class_names(map_)[i],
                      wanted >> i & 1 ? '+' : '-', flags.substr(0, flags.find('\0'))),
          nullptr);
    }
    if (is_level())
      *level() = static_cast<unsigned>(value);
    else
      *bits() = value;
  }

  std::optional<unsigned> find(std::string_view name) const {
    for (unsigned i = 0; i < count(); i++)
      if (name == ddebug_class_map_class_names(map_)[i]) return i;
    return std::nullopt;
  }

 private:
  using flags_type = char[8];
  // A union: which it is, the map's type says.
  unsigned long* bits() const { return ddebug_class_param_bits(param_); }
  unsigned* level() const { return reinterpret_cast<unsigned*>(bits()); }

  const char* name_;
  const k::ddebug_class_param* param_;
  const k::ddebug_class_map* map_;
};

int set_number(const Classes& classes, const char* text) {
  unsigned long number;
  if (parse_unsigned_long(text, number)) {
    kernel_print(KERN_ERR "dyndbg: expecting numeric input: %s > %s\n", text, classes.parameter());
    return -EINVAL;
  }
  if (classes.is_level() && number > classes.count()) {
    kernel_print(KERN_WARNING "dyndbg: %s: level:%ld exceeds max:%d, clamping\n",
                 classes.parameter(), number, static_cast<int>(classes.count()));
    number = classes.count();
  }
  if (uint64_t all = classes.first(classes.count()); !classes.is_level() && number & ~all) {
    kernel_print(KERN_WARNING "dyndbg: %s: input: 0x%lx exceeds mask: 0x%lx, masking\n",
                 classes.parameter(), number, all);
    number &= all;
  }
  classes.set(number);
  return 0;
}

// "+ONE,-TWO,THREE": each is switched by itself; of levels, a name is the highest that is on, or
// with a minus the lowest that is off. Names that the map lacks are told and nothing else.
int set_names(const Classes& classes, std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (bool more = true; more;) {
    size_t comma = text.find(',');
    std::string name(text.substr(0, comma));
    more = comma != text.npos;
    if (more) text.remove_prefix(comma + 1);
    bool on = !name.starts_with('-');
    if (name.starts_with('-') || name.starts_with('+')) name.erase(0, 1);
    auto number = classes.find(name);
    if (!number) {
      kernel_print(KERN_ERR "dyndbg: %s unknown to %s\n", name.c_str(), classes.parameter());
      continue;
    }
    uint64_t bit = uint64_t{1} << *number;
    if (classes.is_level())
      classes.set(*number + (on ? 1 : 0));
    else
      classes.set(on ? classes.value() | bit : classes.value() & ~bit);
  }
  return 0;
}

KAPI(param_set_dyndbg_classes, Real, int, (const char* value, Param param)) {
  Classes classes(param);
  if (!classes.is_known()) {
    kernel_print(KERN_ERR "dyndbg: %s: bad map type: %d\n", classes.parameter(),
                 static_cast<int>(classes.type()));
    return -EINVAL;
  }
  bool named = classes.type() == kNames || classes.type() == kLevelNames;
  return named ? set_names(classes, value) : set_number(classes, value);
}

KAPI(param_get_dyndbg_classes, Real, int, (char* buffer, Param param)) {
  Classes classes(param);
  if (!classes.is_known()) return -1;
  if (classes.is_level())
    return format_text(buffer, kPageSize, "%d\n", static_cast<int>(classes.value()));
  return format_text(buffer, kPageSize, "0x%lx\n", classes.value());
}

KDATA_INIT(param_ops_dyndbg_classes, Real, "kernel_param_ops", 0)
{
  auto* ops = static_cast<const k::kernel_param_ops*>(at);
  module::kernel_param_ops_set(ops) =
      binding.address("param_set_dyndbg_classes").as<int(const char*, Param)>();
  module::kernel_param_ops_get(ops) =
      binding.address("param_get_dyndbg_classes").as<int(char*, Param)>();
}

}  // namespace

Result<void> check_class_map(const module::TableEntry& entry, const k::ddebug_class_map* map) {
  const char** names = ddebug_class_map_class_names(map);
  int length = ddebug_class_map_length(map);
  if (length <= 0) return {};
  TRY(entry.structure("class_names", reinterpret_cast<uint64_t>(names),
                      static_cast<uint64_t>(length) * sizeof(char*)));
  for (int i = 0; i < length; i++)
    TRY(entry.text("class_names[]", reinterpret_cast<uint64_t>(names[i])));
  return {};
}

Result<void> check_class_param(const module::TableEntry& entry, const void* argument) {
  auto structure = [&](const char* member, const void* address, uint64_t size) {
    return entry.structure(member, reinterpret_cast<uint64_t>(address), size);
  };
  TRY(structure("arg", argument, sizeof_ddebug_class_param()));
  auto* param = static_cast<const k::ddebug_class_param*>(argument);
  TRY(entry.object("arg->bits", reinterpret_cast<uint64_t>(ddebug_class_param_bits(param)),
                   sizeof(unsigned)));
  TRY(structure("arg->map", ddebug_class_param_map(param), sizeof_ddebug_class_map()));
  return check_class_map(entry, ddebug_class_param_map(param));
}

}  // namespace ring3::kernel
