// SPDX-License-Identifier: GPL-2.0-only
#include "linux/kernel/printk/printk_files.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "linux/include/printk.h"

namespace ring3::kernel {
namespace {

constexpr uint64_t kNobody = 0;  // no task's lines are joined with a program's

Result<std::string> read_kmsg() {
  machine::KmsgReader reader(kernel_log(), kmsg_limits());
  constexpr size_t kAnySize = SIZE_MAX;
  std::string all;
  for (;;) {
    auto record = reader.read(kAnySize);
    if (!record && record.error().code == EPIPE) continue;  // overtaken: go on behind the gap
    if (!record) return all;
    all += *record;
  }
}

Result<void> write_kmsg(const std::string& text) {
  auto level = static_cast<uint8_t>(console_levels().default_message & 7);
  TRY(machine::kmsg_write(kernel_log(), text, level, kNobody, kmsg_limits()));
  return {};
}

Result<std::string> read_levels() {
  const ConsoleLevels& levels = console_levels();
  return fmt::format("{}\t{}\t{}\t{}\n", levels.console, levels.default_message,
                     levels.minimum_console, levels.default_console);
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A number as the kernel's sysctl reads one: decimal, octal (0) or hexadecimal (0x), a minus in
// front. It is taken off the text; nothing: there is none, or it does not fit.
std::optional<int> take_number(std::string_view& text) {
  std::string_view rest = text;
  bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  int base = 10;
  if (rest.starts_with("0x") || rest.starts_with("0X")) {
    base = 16;
    rest.remove_prefix(2);
  } else if (rest.starts_with('0')) {
    base = 8;
  }
  uint64_t value = 0;
  const char* end = rest.data() + rest.size();
  auto [at, error] = std::from_chars(rest.data(), end, value, base);
  constexpr uint64_t kMost = INT32_MAX;
  if (error != std::errc() || value > kMost + negative) return std::nullopt;
  if (at != end && *at && !is_space(*at)) return std::nullopt;
  text = rest.substr(static_cast<size_t>(at - rest.data()));
  return static_cast<int>(negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value));
}

// Up to four numbers; those that are not given stay. What is none is an error, and the numbers
// before it count.
Result<void> write_levels(const std::string& written) {
  ConsoleLevels& levels = console_levels();
  int* const places[] = {&levels.console, &levels.default_message, &levels.minimum_console,
                         &levels.default_console};
  std::string_view text = written;
  auto skip_space = [&] {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  };
  skip_space();
  if (text.empty()) return Error{EINVAL, ""};
  for (int* place : places) {
    if (text.empty() || !text.front()) return {};
    auto value = take_number(text);
    if (!value) return Error{EINVAL, ""};
    *place = *value;
    skip_space();
  }
  return {};
}

}  // namespace

void add_printk_files(machine::FileTree& tree) {
  (void)tree.add("/dev",
                 machine::make_file("kmsg", 0644, {.read = &read_kmsg, .write = &write_kmsg}));
  (void)tree.add(
      "/proc/sys/kernel",
      machine::make_file("printk", 0644, {.read = &read_levels, .write = &write_levels}));
}

}  // namespace ring3::kernel
