// SPDX-License-Identifier: GPL-2.0-only
#include "module/params.h"

#include <fmt/format.h>

#include <cctype>
#include <cstring>

namespace ring3::module {
namespace {

constexpr int kError = 3, kWarning = 4;

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)); }

// The next argument: words end at white space outside of double quotes; a quote may stand around
// the whole argument or around the value, and is taken off. value is null when there is no '='.
struct Argument {
  char* name;
  char* value;
};
Argument next_argument(char*& cursor) {
  while (is_space(*cursor)) cursor++;
  char* begin = cursor;
  bool quoted_whole = *begin == '"';
  bool in_quote = quoted_whole;
  if (quoted_whole) begin++;
  char* equals = nullptr;
  char* at = begin;
  for (; *at; at++) {
    if (is_space(*at) && !in_quote) break;
    if (!equals && *at == '=' && at != begin) equals = at;  // Linux takes position 0 for none
    if (*at == '"') in_quote = !in_quote;
  }
  char* end = at;
  cursor = *at ? at + 1 : at;
  while (is_space(*cursor)) cursor++;
  *end = 0;
  Argument argument{begin, nullptr};
  if (equals) {
    *equals = 0;
    argument.value = equals + 1;
    if (*argument.value == '"') {
      argument.value++;
      if (end > argument.value && end[-1] == '"') end[-1] = 0;
    }
  }
  if (quoted_whole && end > begin && end[-1] == '"') end[-1] = 0;
  return argument;
}

const k::kernel_param* find_param(const ParamContext& context, std::string_view name) {
  for (uint64_t at = 0; at + context.param_size <= context.params.size();
       at += context.param_size) {
    auto* param = reinterpret_cast<const k::kernel_param*>(context.params.data() + at);
    if (same_param_name(kernel_param_name(param), name)) return param;
  }
  return nullptr;
}

// 0 or the setter's negative errno.
int set_param(const ParamContext& context, const k::kernel_param* param, const Argument& argument) {
  const k::kernel_param_ops* ops = kernel_param_ops(param);
  if (!argument.value && !(kernel_param_ops_flags(ops) & kParamOpsNoArgument)) return -EINVAL;
  context.note_unsafe(param);
  auto set = kernel_param_ops_set(ops);
  return set ? set(argument.value, param) : -EPERM;
}

}  // namespace

std::optional<bool> parse_bool(const char* text) {
  constexpr std::string_view kOn = "yY1tT", kOff = "nN0fF";
  char letter = text[0];
  if (letter == 'o' || letter == 'O')
    letter = text[1] == 'n' || text[1] == 'N' ? 'y' : text[1] == 'f' || text[1] == 'F' ? 'n' : '\0';
  if (letter && kOn.find(letter) != kOn.npos) return true;
  if (letter && kOff.find(letter) != kOff.npos) return false;
  return std::nullopt;
}

bool same_param_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++) {
    char x = a[i] == '-' ? '_' : a[i];
    char y = b[i] == '-' ? '_' : b[i];
    if (x != y) return false;
  }
  return true;
}

// Every argument is tried, whatever became of those before it; the last error is the result.
Result<void> parse_args(const ParamContext& context, char* args) {
  const std::string& module = context.module_name;
  int last = 0;
  while (is_space(*args)) args++;
  while (*args) {
    Argument argument = next_argument(args);
    if (!argument.value && std::strcmp(argument.name, "--") == 0) {
      if (*args)
        context.log(kWarning, fmt::format("{}: parameters '{}' after `--' ignored", module, args));
      return {};
    }
    const k::kernel_param* param = find_param(context, argument.name);
    if (!param) {
      if (context.special && context.special(argument.name, argument.value)) continue;
      // Linux looks for "dyndbg" behind a module's name and a dot, and cuts the name there.
      std::string_view name = argument.name;
      context.log(kWarning, fmt::format("{}: unknown parameter '{}' ignored", module,
                                        name.substr(0, name.find('.'))));
      continue;
    }
    context.lock(true);
    int result = set_param(context, param, argument);
    context.lock(false);
    if (result == 0) continue;
    const char* value = argument.value ? argument.value : "";
    if (result == -ENOENT)
      context.log(kError, fmt::format("{}: Unknown parameter `{}'", module, argument.name));
    else if (result == -ENOSPC)
      context.log(kError, fmt::format("{}: `{}' too large for parameter `{}'", module, value,
                                      argument.name));
    else
      context.log(kError,
                  fmt::format("{}: `{}' invalid for parameter `{}'", module, value, argument.name));
    last = -result;
  }
  if (last > 0) return Error{last, ""};
  // A setter that returns a positive number: Linux takes it for a pointer to what follows "--", and
  // prints what it finds there.
  if (last < 0)
    context.log(kWarning, fmt::format("{}: parameters '(efault)' after `--' ignored", module));
  return {};
}

void free_params(std::span<std::byte> params, uint64_t param_size) {
  for (uint64_t at = 0; at + param_size <= params.size(); at += param_size) {
    auto* param = reinterpret_cast<const k::kernel_param*>(params.data() + at);
    const k::kernel_param_ops* ops = kernel_param_ops(param);
    if (ops && kernel_param_ops_free(ops)) kernel_param_ops_free(ops)(kernel_param_arg(param));
  }
}

}  // namespace ring3::module
