// SPDX-License-Identifier: GPL-2.0-only
#include "show.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/bytes.h"
#include "host/file.h"
#include "host/kmsg_file.h"
#include "index/host_kernel.h"
#include "interrupt.h"
#include "kmod/messages.h"
#include "pager.h"
#include "printer.h"

namespace ring3::dmesg {
namespace {

using index::KernelRecord;
using kmod::messages;

// The widths that the kernel and dmesg give to the number of a task: of syslog(2)'s lines, and, for
// /dev/kmsg, of the highest process id and its newline.
constexpr size_t kSyslogCaller = 6, kDefaultCaller = 11;
size_t caller_width(index::KernelInterface& kernel) {
  auto most = kernel.read_file("/proc/sys/kernel/pid_max");
  return most ? most->size() : kDefaultCaller;
}

int fail(const char* what, int code) {
  messages().cause(fmt::format("{}: {}", what, std::strerror(code)));
  return 1;
}

// What syslog(2)'s text cannot do. True: it was said.
bool refused(const Settings& settings) {
  if (settings.raw && (settings.filter_levels || settings.filter_facilities)) {
    messages().cause(
        "--raw can be used together with --level or --facility only when reading messages from "
        "/dev/kmsg");
    return true;
  }
  if (!settings.force_prefix) return false;
  messages().cause("only kmsg supports multi-line messages");
  return true;
}

int64_t epoch_of(const Settings& settings, index::KernelInterface& kernel) {
  if (!settings.wants_epoch()) return 0;
  auto epoch = kernel.log_epoch();
  if (epoch) return *epoch;
  messages().cause("failed to determine boot time, timestamps will be inaccurate");
  return 0;
}

void show_syslog_text(const Settings& settings, Printer& printer, bool color,
                      std::string_view text) {
  Pager pager(settings.pager && !text.empty());
  if (settings.raw) {
    if (!text.empty()) printer.print_raw(text);
    return;
  }
  printer.begin();
  index::SyslogText records(text, settings.wants_priority(color));
  while (auto record = records.next()) {
    if (std::ferror(stdout)) break;
    printer.print(*record);
  }
  printer.end();
}

// The whole buffer, which may grow while it is read.
Result<std::string> syslog_buffer(const Settings& settings, index::KernelInterface& kernel) {
  constexpr int64_t kFirst = 16392, kMost = 1 << 28, kMore = 8;
  int64_t size = settings.buffer_size;
  if (!size) {
    auto all = kernel.syslog(kSizeBuffer, 0);
    size = all && all->value > 0 ? all->value : 0;
  }
  if (size) return TRY(kernel.syslog(kReadAll, size + kMore)).text;
  for (size = kFirst;; size *= 4) {
    auto answer = TRY(kernel.syslog(kReadAll, size));
    if (answer.value != size || size > kMost) return std::move(answer.text);
  }
}

int show_syslog(Settings& settings, index::KernelInterface& kernel) {
  if (refused(settings)) return 1;
  auto text = syslog_buffer(settings, kernel);
  if (!text) return fail("read kernel buffer failed", text.error().code);
  Colors colors(settings.json ? ColorMode::kNever : settings.color);
  Printer printer(settings, epoch_of(settings, kernel), colors);
  show_syslog_text(settings, printer, colors.on(), *text);
  return 0;
}

// Says how many records were overwritten before they could be read. `next`: the number that should
// have come, 0 at first.
void tell_lost(const KernelRecord& record, uint64_t& next) {
  if (next && record.sequence > next) {
    std::fflush(stdout);
    uint64_t lost = record.sequence - next;
    messages().cause(fmt::format("{} record{} lost here: overwritten before they could be read",
                                 lost, lost == 1 ? " was" : "s were"));
  }
  next = record.sequence + 1;
}

int show_records(const Settings& settings, Printer& printer, index::LogReader& reader) {
  uint64_t next_sequence = 0;
  for (;;) {
    auto record = reader.next();
    if (!record && record.error().code == ENODATA) return 0;
    if (!record) return fail("read kernel buffer failed", record.error().code);
    if (std::ferror(stdout)) return 0;
    if (*record) {
      tell_lost(**record, next_sequence);
      printer.print(**record);
      continue;
    }
    if (!settings.follow) return 0;
    std::fflush(stdout);
    if (host::output_is_gone()) return 0;
    Interruptible here;
    reader.wait();
  }
}

}  // namespace

int show_kernel(Settings& settings, index::KernelInterface& kernel) {
  if (settings.source == Source::kSyslog) return show_syslog(settings, kernel);
  auto reader =
      kernel.open_log(settings.only_new ? index::LogStart::kEnd : index::LogStart::kCleared);
  if (!reader) {
    settings.source = Source::kSyslog;
    return show_syslog(settings, kernel);
  }
  Colors colors(settings.json ? ColorMode::kNever : settings.color);
  Printer printer(settings, epoch_of(settings, kernel), colors);
  printer.set_caller_width(caller_width(kernel));
  if (settings.follow) finish_on_signals(printer.ending());
  Pager pager(settings.pager);
  printer.begin();
  int status = show_records(settings, printer, **reader);
  printer.end();
  return status;
}

int show_file(Settings& settings) {
  auto bytes = host::read_file(settings.file);
  if (!bytes) return fail(fmt::format("cannot open {}", settings.file).c_str(), bytes.error().code);
  std::string_view text = as_text(*bytes);
  if (settings.source == Source::kSyslogFile && refused(settings)) return 1;
  // A file has no clock of its own; util-linux takes this system's.
  index::HostKernel host;
  Colors colors(settings.json ? ColorMode::kNever : settings.color);
  Printer printer(settings, epoch_of(settings, host), colors);
  printer.set_caller_width(kSyslogCaller);
  if (settings.source == Source::kSyslogFile) {
    show_syslog_text(settings, printer, colors.on(), text);
    return 0;
  }
  printer.set_caller_width(caller_width(host));
  Pager pager(settings.pager && !text.empty());
  printer.begin();
  index::KmsgText records(text);
  while (auto record = records.next()) {
    if (std::ferror(stdout)) break;
    if (auto parsed = index::parse_kmsg(*record, settings.wants_priority(colors.on())))
      printer.print(*parsed);
  }
  printer.end();
  return 0;
}

}  // namespace ring3::dmesg
