// SPDX-License-Identifier: GPL-2.0-only
#include "linux/kernel/printk/printk_files.h"

#include <fmt/format.h>

#include <charconv>

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

// Up to four numbers; those that are not given stay. What is wrong behind a number is an error, and
// the numbers before it count.
Result<void> write_levels(const std::string& text) {
  ConsoleLevels& levels = console_levels();
  int* const places[] = {&levels.console, &levels.default_message, &levels.minimum_console,
                         &levels.default_console};
  const char *at = text.data(), *end = at + text.size();
  auto skip_space = [&] {
    while (at < end && (*at == ' ' || (*at >= '\t' && *at <= '\r'))) at++;
  };
  skip_space();
  if (at == end) return Error{EINVAL, ""};
  for (int* place : places) {
    if (at == end || !*at) return {};
    int value = 0;
    auto [rest, error] = std::from_chars(at, end, value);
    bool ended = rest == end || !*rest || *rest == ' ' || (*rest >= '\t' && *rest <= '\r');
    if (error != std::errc() || !ended) return Error{EINVAL, ""};
    *place = value;
    at = rest;
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
