// SPDX-License-Identifier: GPL-2.0-only
// The arguments of a module: parse_args with five parameters whose setters read all of the value
// and answer what the value begins with. The text is in memory of its own size, so that a byte
// written or read behind it is seen.
#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "module/params.h"

namespace {

using namespace ring3;
using namespace ring3::module;

#define PROMISED(condition)         \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

struct Ops {
  unsigned flags;
  int (*set)(const char*, const k::kernel_param*);
  int (*get)(char*, const k::kernel_param*);
  void (*free)(void*);
};
struct Param {
  const char* name;
  const Ops* ops;
  unsigned short perm;
  signed char level;
  unsigned char flags;
  void* arg;
};

const char* text_begin;
const char* text_end;

int set(const char* value, const k::kernel_param*) {
  if (!value) return 0;
  size_t length = std::strlen(value);
  PROMISED(value >= text_begin && value + length <= text_end);
  switch (*value) {
    case 'e':
      return -ENOENT;
    case 's':
      return -ENOSPC;
    case 'i':
      return -EINVAL;
    case 'p':
      return 1;
    default:
      return 0;
  }
}

constexpr Ops kOps{0, set, nullptr, nullptr}, kFlag{kParamOpsNoArgument, set, nullptr, nullptr};
constexpr Ops kReadOnly{0, nullptr, nullptr, nullptr};
std::array<Param, 5> params{{{"n", &kOps, 0644, -1, 0, nullptr},
                             {"two_words", &kOps, 0444, -1, 0, nullptr},
                             {"flag", &kFlag, 0, -1, 0, nullptr},
                             {"danger", &kOps, 0, -1, kParamUnsafe, nullptr},
                             {"constant", &kReadOnly, 0, -1, 0, nullptr}}};

// Where a target would say that the fields are.
bool bind() {
  kfield_kernel_param_name.offset = offsetof(Param, name);
  kfield_kernel_param_ops.offset = offsetof(Param, ops);
  kfield_kernel_param_perm.offset = offsetof(Param, perm);
  kfield_kernel_param_level.offset = offsetof(Param, level);
  kfield_kernel_param_flags.offset = offsetof(Param, flags);
  kfield_kernel_param_arg.offset = offsetof(Param, arg);
  kfield_kernel_param_ops_flags.offset = offsetof(Ops, flags);
  kfield_kernel_param_ops_set.offset = offsetof(Ops, set);
  kfield_kernel_param_ops_get.offset = offsetof(Ops, get);
  kfield_kernel_param_ops_free.offset = offsetof(Ops, free);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  [[maybe_unused]] static bool bound = bind();
  // A string ends at its first NUL, as strndup_user copies it.
  size = strnlen(reinterpret_cast<const char*>(data), size);
  std::vector<char> args(data, data + size);
  args.push_back('\0');
  text_begin = args.data();
  text_end = args.data() + size;
  int logged = 0;
  ParamContext context{.module_name = "fuzz",
                       .params = std::as_writable_bytes(std::span(params)),
                       .param_size = sizeof(Param),
                       .log = [&](int, const std::string& line) { logged += !line.empty(); },
                       .note_unsafe = [](const k::kernel_param*) {},
                       .lock = [](bool) {},
                       .special =
                           [](std::string_view name, const char* value) {
                             if (value) PROMISED(value + std::strlen(value) <= text_end);
                             return name == "dyndbg" || name == "async_probe";
                           }};
  auto parsed = parse_args(context, args.data());
  if (!parsed) PROMISED(parsed.error().code > 0 && logged > 0);
  PROMISED(args.back() == '\0');
  free_params(context.params, context.param_size);
  return 0;
}
