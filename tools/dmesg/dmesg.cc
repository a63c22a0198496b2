// SPDX-License-Identifier: GPL-2.0-only
// dmesg: shows the kernel's log, or controls it. Options, output and messages are util-linux's;
// where it reads beyond its memory, prints JSON that is none or loses what a file has, this does
// not (tests/tools/dmesg/compare.py lists the differences).
#include <fmt/format.h>

#include <clocale>
#include <cstdio>
#include <cstring>

#include "interrupt.h"
#include "kmod/kernel.h"
#include "kmod/messages.h"
#include "kmod/tools.h"
#include "settings.h"
#include "show.h"

namespace ring3::dmesg {
namespace {

using kmod::kDmesg;
using kmod::messages;

const kmod::Option kOptions[] = {
    {'C', "clear", nullptr, ""},
    {'c', "read-clear", nullptr, "clear the log; show it first"},
    {'D', "console-off", nullptr, ""},
    {'E', "console-on", nullptr, "messages on the console"},
    {'n', "console-level", "LEVEL", "show those below LEVEL there"},
    {'F', "file", "FILE", ""},
    {'K', "kmsg-file", "FILE", "a file: lines, or /dev/kmsg's"},
    {'S', "syslog", nullptr, ""},
    {'s', "buffer-size", "SIZE", "ask syslog(2), for SIZE bytes"},
    {'w', "follow", nullptr, ""},
    {'W', "follow-new", nullptr, "wait for more; only those"},
    {'f', "facility", "LIST", "only these: kern,user,mail,..."},
    {'k', "kernel", nullptr, ""},
    {'u', "userspace", nullptr, "only the kernel's; all others"},
    {'l', "level", "LIST", "err,warn,3; LEVEL+ and above, +LEVEL and below"},
    {kSince, "since", "TIME", ""},
    {kUntil, "until", "TIME", "'12:30', '2 hours ago', '@1700000000'"},
    {'d', "show-delta", nullptr, ""},
    {'e', "reltime", nullptr, "time since the line before"},
    {'T', "ctime", nullptr, ""},
    {'t', "notime", nullptr, "time of day; no time"},
    {kTimeFormat, "time-format", "FORMAT", "delta, reltime, ctime, notime, iso or raw"},
    {'x', "decode", nullptr, ""},
    {'p', "force-prefix", nullptr, "facility and level; on each line"},
    {'r', "raw", nullptr, ""},
    {kNoEscape, "noescape", nullptr, "as it is; all bytes as they are"},
    {'H', "human", nullptr, ""},
    {'P', "nopager", nullptr, "short times in a pager; without it"},
    {'L', "color", "[WHEN]", "auto, always or never"},
    {'J', "json", nullptr, "print JSON"},
    {'V', "version", nullptr, ""},
    {'h', "help", nullptr, "print this"},
};

// Of each row one option at most.
constexpr const char* kExclusive[] = {"CDEcnr", "FK", "Hr", "Lr", "Sw",
                                      "Tr",     "dr", "er", "rx", "rt"};

class Exclusion {
 public:
  // False, after a message: another one of its row was there.
  bool take(int id) {
    for (size_t i = 0; i < std::size(kExclusive); i++) {
      if (id > 127 || !std::strchr(kExclusive[i], id)) continue;
      if (!seen_[i]) seen_[i] = id;
      if (seen_[i] == id) continue;
      std::string names;
      for (const char* letter = kExclusive[i]; *letter; letter++)
        for (const kmod::Option& option : kOptions)
          if (option.id == *letter) names += fmt::format(" --{}", option.name);
      messages().cause("mutually exclusive arguments:" + names);
      return false;
    }
    return true;
  }

 private:
  int seen_[std::size(kExclusive)] = {};
};

int control(const Settings& settings, index::KernelInterface& kernel) {
  const char* failed = settings.action == Action::kClear || settings.action == Action::kShowAndClear
                           ? "clear kernel buffer failed"
                           : "klogctl failed";
  int action = settings.action == Action::kConsoleOff     ? kConsoleOff
               : settings.action == Action::kConsoleOn    ? kConsoleOn
               : settings.action == Action::kConsoleLevel ? kConsoleLevel
                                                          : kClear;
  auto answer = kernel.syslog(action, settings.console_level);
  if (answer) return 0;
  messages().cause(fmt::format("{}: {}", failed, std::strerror(answer.error().code)));
  return 1;
}

int show(Settings& settings) {
  if (settings.source == Source::kSyslogFile || settings.source == Source::kKmsgFile) {
    int status = show_file(settings);
    if (status || settings.action != Action::kShowAndClear) return status;
    return control(settings, *kmod::open_kernel());
  }
  auto kernel = kmod::open_kernel();
  int status = show_kernel(settings, *kernel);
  if (status || settings.action != Action::kShowAndClear) return status;
  return control(settings, *kernel);
}

int run(int argc, char** argv) {
  std::setlocale(LC_ALL, "");  // what can be printed, names of days and months, errors
  Settings settings;
  Exclusion exclusion;
  bool refused = false, done = false;
  int first = kmod::parse_options(kDmesg, argc, argv, [&](int id, const char* argument) {
    refused = !exclusion.take(id);
    if (!refused && id == 'V') fmt::print("dmesg from ring3, as util-linux 2.41\n");
    if (!refused && id == 'h') print_help(kDmesg);
    done = !refused && (id == 'V' || id == 'h');
    if (!refused && !done) refused = !take_option(settings, id, argument);
    return !refused && !done;
  });
  if (done) return 0;
  if (refused) return 1;
  if (first >= 0 && first < argc) messages().cause("bad usage");
  if (first < 0 || first < argc) {
    fmt::print(stderr, "Try 'dmesg --help' for more information.\n");
    return 1;
  }
  settings.settle();
  if (settings.action == Action::kShow || settings.action == Action::kShowAndClear)
    return show(settings);
  return control(settings, *kmod::open_kernel());
}

}  // namespace
}  // namespace ring3::dmesg

namespace ring3::kmod {

const Tool kDmesg{
    "dmesg",
    "show or control the kernel's log",
    {"[OPTION...]"},
    dmesg::kOptions,
    "Without options the records that were not cleared are shown, oldest first, each with the "
    "seconds since the kernel's start. --follow waits for more until the kernel ends, the reader "
    "of "
    "a pipe goes or a signal comes; records that were overwritten before they could be read are "
    "counted on standard error.\n\n"
    "LIST is names or numbers with commas between. Levels: emerg, alert, crit, err, warn, notice, "
    "info, debug. Facilities: kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, "
    "authpriv, ftp, local0 to local7.\n\n"
    "TIME is a date, a time of day or both (2012-09-22 16:34:22), seconds since 1970 "
    "(@1348331662), "
    "now, today, yesterday or tomorrow, or a distance from now (-2h, 5 days ago). Times of day are "
    "wrong for what was logged before the system slept.\n\n"
    "Colours are used on a terminal, unless terminal-colors.d(5) disables them; a scheme there "
    "sets "
    "subsys, time, timebreak, alert, crit, err, warn and segfault.\n\n"
    "A --kmsg-file has records as /dev/kmsg gives them, ended by a NUL byte or a newline.",
    Operands::kNone,
    dmesg::run,
    1};

}  // namespace ring3::kmod
