// SPDX-License-Identifier: GPL-2.0-only
// Types of module parameters: param_ops_TYPE with the functions that set a value from text and show
// it. Integers follow kstrtoX (base by prefix, one newline at the end allowed): -EINVAL for what is
// no number, -ERANGE for one that does not fit.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"
#include "linux/include/slab.h"
#include "linux/kernel/locking/mutex.h"
#include "linux/kernel/params.h"
#include "machine/spinlock.h"
#include "module/kmodule.h"
#include "module/params.h"

namespace ring3::kernel {
namespace {

KPLACE(module, param_lock, param_lock);

using Param = const k::kernel_param*;

template <class T>
T*& argument(Param param) {
  return reinterpret_cast<T*&>(module::kernel_param_arg(param));
}

// An unsigned magnitude: base 0 by prefix (0x, 0), one newline may end it.
int parse_magnitude(const char* text, unsigned base, unsigned long long& value) {
  if (base == 0) {
    base = 10;
    if (*text == '0') {
      base = 8;
      if ((text[1] | 0x20) == 'x' && std::isxdigit(static_cast<unsigned char>(text[2]))) base = 16;
    }
  }
  if (base == 16 && *text == '0' && (text[1] | 0x20) == 'x') text += 2;
  value = 0;
  const char* begin = text;
  bool overflow = false;
  for (;; text++) {
    unsigned digit = 99;
    if (*text >= '0' && *text <= '9') digit = static_cast<unsigned>(*text - '0');
    char small = static_cast<char>(*text | 0x20);
    if (small >= 'a' && small <= 'f') digit = static_cast<unsigned>(small - 'a' + 10);
    if (digit >= base) break;
    overflow |= __builtin_mul_overflow(value, base, &value);
    overflow |= __builtin_add_overflow(value, digit, &value);
  }
  if (overflow) return -ERANGE;
  if (text == begin) return -EINVAL;
  if (*text == '\n') text++;
  return *text ? -EINVAL : 0;
}

template <class T>
int parse_integer(const char* text, unsigned base, T& out) {
  bool negative = std::is_signed_v<T> && *text == '-';
  if (negative || *text == '+') text++;
  unsigned long long magnitude;
  if (int error = parse_magnitude(text, base, magnitude)) return error;
  using Limits = std::numeric_limits<T>;
  unsigned long long limit = static_cast<unsigned long long>(Limits::max()) + (negative ? 1 : 0);
  if (magnitude > limit) return -ERANGE;
  out = negative ? static_cast<T>(0 - magnitude) : static_cast<T>(magnitude);
  return 0;
}

template <class T>
int set_integer(const char* text, Param param) {
  T value;
  if (int error = parse_integer(text, 0, value)) return error;
  *argument<T>(param) = value;
  return 0;
}

constexpr size_t kPageSize = 4096;  // what sysfs gives a show function

// Of no text it is "1".
int parse_bool(const char* text, bool& out) {
  auto value = module::parse_bool(text ? text : "1");
  if (value) out = *value;
  return value ? 0 : -EINVAL;
}

#define PARAM_OPS(type, op_flags, free_function)                                           \
  KDATA_INIT(param_ops_##type, Real, "kernel_param_ops", 0)                                \
  {                                                                                        \
    auto* ops = static_cast<const k::kernel_param_ops*>(at);                               \
    module::kernel_param_ops_flags(ops) = op_flags;                                        \
    module::kernel_param_ops_set(ops) =                                                    \
        binding.address("param_set_" #type).as<int(const char*, Param)>();                 \
    module::kernel_param_ops_get(ops) =                                                    \
        binding.address("param_get_" #type).as<int(char*, Param)>();                       \
    module::kernel_param_ops_free(ops) = binding.address(free_function).as<void(void*)>(); \
  }                                                                                        \
  static_assert(true)

#define INTEGER(type, T, format)                                             \
  KAPI(param_set_##type, Real, int, (const char* value, Param param)) {      \
    return set_integer<T>(value, param);                                     \
  }                                                                          \
  KAPI(param_get_##type, Real, int, (char* buffer, Param param)) {           \
    return format_text(buffer, kPageSize, format "\n", *argument<T>(param)); \
  }                                                                          \
  PARAM_OPS(type, 0, "")
INTEGER(byte, unsigned char, "%hhu");
INTEGER(short, short, "%hi");
INTEGER(ushort, unsigned short, "%hu");
INTEGER(int, int, "%i");
INTEGER(uint, unsigned int, "%u");
INTEGER(long, long, "%li");
INTEGER(ulong, unsigned long, "%lu");
INTEGER(ullong, unsigned long long, "%llu");
INTEGER(hexint, unsigned int, "%#08x");
#undef INTEGER

KAPI(param_set_uint_minmax, Real, int,
     (const char* value, Param param, unsigned minimum, unsigned maximum)) {
  unsigned number;
  if (!value) return -EINVAL;
  if (int error = parse_integer(value, 0, number)) return error;
  if (number < minimum || number > maximum) return -EINVAL;
  *argument<unsigned>(param) = number;
  return 0;
}

// charp: the text is copied, because the argument string does not stay. A parameter's default is
// the module's own literal, so which pointers are copies must be remembered.
class Copies {
 public:
  void add(const char* text) {
    machine::SpinGuard guard(lock_);
    copies_.insert(text);
  }
  void free(char* text) {
    {
      machine::SpinGuard guard(lock_);
      if (!copies_.erase(text)) return;
    }
    kernel_free(text);
  }

 private:
  machine::SpinLock lock_;
  std::unordered_set<const char*> copies_;
};
Copies& copies() {
  static Copies the_copies;
  return the_copies;
}

constexpr size_t kLongestString = 1024;
KAPI(param_set_charp, Real, int, (const char* value, Param param)) {
  size_t length = strnlen(value, kLongestString + 1);
  if (length > kLongestString) {
    kernel_print(KERN_ERR "%s: string parameter too long\n", module::kernel_param_name(param));
    return -ENOSPC;
  }
  char* copy = static_cast<char*>(kernel_allocate(length + 1, kGfpKernel));
  if (!copy) return -ENOMEM;
  std::memcpy(copy, value, length + 1);
  char*& place = *argument<char*>(param);
  copies().free(place);
  place = copy;
  copies().add(copy);
  return 0;
}
KAPI(param_get_charp, Real, int, (char* buffer, Param param)) {
  return format_text(buffer, kPageSize, "%s\n", *argument<char*>(param));
}
KAPI(param_free_charp, Real, void, (void* arg)) {
  char* text;  // a damaged file may have its parameter anywhere
  std::memcpy(&text, arg, sizeof(text));
  copies().free(text);
}
PARAM_OPS(charp, 0, "param_free_charp");

KAPI(param_set_bool, Real, int, (const char* value, Param param)) {
  return parse_bool(value, *argument<bool>(param));
}
KAPI(param_get_bool, Real, int, (char* buffer, Param param)) {
  return format_text(buffer, kPageSize, "%c\n", *argument<bool>(param) ? 'Y' : 'N');
}
PARAM_OPS(bool, module::kParamOpsNoArgument, "");

KAPI(param_set_bool_enable_only, Real, int, (const char* value, Param param)) {
  bool wanted;
  if (int error = parse_bool(value, wanted)) return error;
  bool& now = *argument<bool>(param);
  if (!wanted && now) return -EROFS;
  if (wanted) now = true;
  return 0;
}
KDATA_INIT(param_ops_bool_enable_only, Real, "kernel_param_ops", 0)
{
  auto* ops = static_cast<const k::kernel_param_ops*>(at);
  module::kernel_param_ops_flags(ops) = module::kParamOpsNoArgument;
  module::kernel_param_ops_set(ops) =
      binding.address("param_set_bool_enable_only").as<int(const char*, Param)>();
  module::kernel_param_ops_get(ops) = binding.address("param_get_bool").as<int(char*, Param)>();
}

KAPI(param_set_invbool, Real, int, (const char* value, Param param)) {
  bool wanted;
  int error = parse_bool(value, wanted);
  if (!error) *argument<bool>(param) = !wanted;
  return error;
}
KAPI(param_get_invbool, Real, int, (char* buffer, Param param)) {
  return format_text(buffer, kPageSize, "%c\n", *argument<bool>(param) ? 'N' : 'Y');
}
PARAM_OPS(invbool, 0, "");

KAPI(param_set_bint, Real, int, (const char* value, Param param)) {
  bool wanted;
  int error = parse_bool(value, wanted);
  if (!error) *argument<int>(param) = wanted;
  return error;
}
KDATA_INIT(param_ops_bint, Real, "kernel_param_ops", 0)
{
  auto* ops = static_cast<const k::kernel_param_ops*>(at);
  module::kernel_param_ops_flags(ops) = module::kParamOpsNoArgument;
  module::kernel_param_ops_set(ops) =
      binding.address("param_set_bint").as<int(const char*, Param)>();
  module::kernel_param_ops_get(ops) = binding.address("param_get_int").as<int(char*, Param)>();
}

KAPI(param_set_copystring, Real, int, (const char* value, Param param)) {
  auto* string = argument<k::kparam_string>(param);
  size_t room = kparam_string_maxlen(string);
  if (strnlen(value, room) == room) {
    kernel_print(KERN_ERR "%s: string doesn't fit in %u chars.\n", module::kernel_param_name(param),
                 static_cast<unsigned>(room - 1));
    return -ENOSPC;
  }
  std::strcpy(kparam_string_string(string), value);
  return 0;
}
KAPI(param_get_string, Real, int, (char* buffer, Param param)) {
  return format_text(buffer, kPageSize, "%s\n",
                     kparam_string_string(argument<k::kparam_string>(param)));
}
KDATA_INIT(param_ops_string, Real, "kernel_param_ops", 0)
{
  auto* ops = static_cast<const k::kernel_param_ops*>(at);
  module::kernel_param_ops_set(ops) =
      binding.address("param_set_copystring").as<int(const char*, Param)>();
  module::kernel_param_ops_get(ops) = binding.address("param_get_string").as<int(char*, Param)>();
}

// Arrays: a copy of the parameter is pointed at one element after the other.
class ElementParam {
 public:
  ElementParam(Param param, const k::kparam_array* array) : array_(array) {
    std::memcpy(copy_, param, module::sizeof_kernel_param());
  }
  Param at(unsigned index) {
    module::kernel_param_arg(get()) = static_cast<char*>(kparam_array_elem(array_)) +
                                      static_cast<size_t>(index) * kparam_array_elemsize(array_);
    return get();
  }
  const k::kernel_param_ops* ops() const { return kparam_array_ops(array_); }

 private:
  Param get() { return reinterpret_cast<Param>(copy_); }
  alignas(8) char copy_[64];  // sizeof(struct kernel_param) is 40
  const k::kparam_array* array_;
};

// The text is cut at its commas in place, as Linux does: messages show what is left of it.
int array_set(const char* text, Param param) noexcept {
  char* value = const_cast<char*>(text);
  auto* array = argument<k::kparam_array>(param);
  unsigned unused = 0;
  unsigned& count = kparam_array_num(array) ? *kparam_array_num(array) : unused;
  ElementParam element(param, array);
  count = 0;
  while (true) {
    if (count == kparam_array_max(array)) {
      kernel_print(KERN_ERR "%s: can only take %i arguments\n", module::kernel_param_name(param),
                   static_cast<int>(kparam_array_max(array)));
      return -EINVAL;
    }
    char* end = value + std::strcspn(value, ",");
    char separator = *end;
    *end = 0;
    if (int error = module::kernel_param_ops_set(element.ops())(value, element.at(count)))
      return error;
    count++;
    if (!separator) return 0;
    value = end + 1;
  }
}

// Each element is shown by its type, which may fill a page. All of them together get one, too: what
// does not fit is cut off, where Linux writes on behind the page.
int array_get(char* buffer, Param param) noexcept {
  auto* array = argument<k::kparam_array>(param);
  unsigned count = kparam_array_num(array) ? *kparam_array_num(array) : kparam_array_max(array);
  ElementParam element(param, array);
  std::vector<char> text(kPageSize);
  size_t used = 0;
  for (unsigned i = 0; i < count && used < kPageSize - 1; i++) {
    int length = module::kernel_param_ops_get(element.ops())(text.data(), element.at(i));
    if (length < 0) return length;
    if (i && used) buffer[used - 1] = ',';  // over the newline of the element before
    size_t size = std::min({static_cast<size_t>(length), text.size(), kPageSize - 1 - used});
    std::memcpy(buffer + used, text.data(), size);
    used += size;
  }
  buffer[used] = 0;
  return static_cast<int>(used);
}

void array_free(void* arg) noexcept {
  auto* array = static_cast<k::kparam_array*>(arg);
  auto* ops = kparam_array_ops(array);
  auto free_element = module::kernel_param_ops_free(ops);
  if (!free_element) return;
  // The count is the module's to change; nothing was ever set behind the end.
  unsigned count = kparam_array_max(array);
  if (kparam_array_num(array)) count = std::min(count, *kparam_array_num(array));
  for (unsigned i = 0; i < count; i++)
    free_element(static_cast<char*>(kparam_array_elem(array)) + i * kparam_array_elemsize(array));
}

// Built-in code (no module) shares one.
OwnerWord builtin_lock{0};
OwnerWord& lock_of(const k::module* module) {
  return module ? mutex_word(module_param_lock(module)) : builtin_lock;
}
KAPI(kernel_param_lock, Real, void, (k::module * module)) {
  owner_take(lock_of(module), kTaskUninterruptible);
}
KAPI(kernel_param_unlock, Real, void, (k::module * module)) { owner_release(lock_of(module)); }

// Module code may call them too, through the exported operations.
constexpr kapi::Record kArraySet = kapi::unlisted("param_array_set");
constexpr kapi::Record kArrayGet = kapi::unlisted("param_array_get");
constexpr kapi::Record kArrayFree = kapi::unlisted("param_array_free");

KDATA_INIT(param_array_ops, Real, "kernel_param_ops", 0)
{
  auto* ops = static_cast<const k::kernel_param_ops*>(at);
  module::kernel_param_ops_set(ops) =
      &kapi::Entry<int(const char*, Param)>::call<&array_set, &kArraySet>;
  module::kernel_param_ops_get(ops) = &kapi::Entry<int(char*, Param)>::call<&array_get, &kArrayGet>;
  module::kernel_param_ops_free(ops) = &kapi::Entry<void(void*)>::call<&array_free, &kArrayFree>;
}

}  // namespace

int parse_unsigned_long(const char* text, unsigned long& value) {
  return parse_integer(text, 0, value);
}

void lock_params(k::module* module, bool lock) {
  (lock ? kapi_body_kernel_param_lock : kapi_body_kernel_param_unlock)(module);
}

}  // namespace ring3::kernel
