// SPDX-License-Identifier: GPL-2.0-only
// insmod: one file into the kernel, with its parameters, and the kernel's reasons when it refuses.
#include <fmt/format.h>

#include <cstring>

#include "host/file.h"
#include "index/insert.h"
#include "kmod/kernel.h"
#include "kmod/messages.h"
#include "kmod/tools.h"

namespace ring3::kmod {
namespace {

enum LongOption { kForceModversion = 256, kForceVermagic };

const Option kOptions[] = {
    {'f', "force", nullptr, "both of the next two; it may crash the kernel"},
    {kForceModversion, "force-modversion", nullptr, "ignore versions of symbols"},
    {kForceVermagic, "force-vermagic", nullptr, "ignore the kernel's version"},
    {'s', "syslog", nullptr, "messages go to the system's log"},
    {'v', "verbose", nullptr, "print what is done"},
    {'p', nullptr, nullptr, nullptr},
    {'V', "version", nullptr, ""},
    {'h', "help", nullptr, "print this"},
};

// In the words for which insmod is known.
const char* reason(int error) {
  switch (error) {
    case ENOEXEC:
      return "Invalid module format";
    case ENOENT:
      return "Unknown symbol in module";
    case ESRCH:
      return "Module has wrong symbol version";
    case EINVAL:
      return "Invalid parameters";
    default:
      return std::strerror(error);
  }
}

// Quotes around a value with blanks, which the kernel needs.
std::string quoted(const std::string& word) {
  size_t equal = word.find('=');
  if (equal == std::string::npos || word.find(' ', equal) == std::string::npos) return word;
  char first = equal + 1 < word.size() ? word[equal + 1] : '\0';
  if (first == '"' || first == '\'') return word;
  return fmt::format("{}=\"{}\"", word.substr(0, equal), word.substr(equal + 1));
}

int run(int argc, char** argv) {
  index::InsertFlags flags;
  bool stop = false;
  int first = parse_options(kInsmod, argc, argv, [&](int id, const char*) {
    if (id == 'f' || id == kForceModversion) flags.ignore_modversions = true;
    if (id == 'f' || id == kForceVermagic) flags.ignore_vermagic = true;
    if (id == 's') messages().use_syslog();
    if (id == 'v') messages().more_verbose();
    stop = id == 'V' || id == 'h';
    if (id == 'V') print_version();
    if (id == 'h') print_help(kInsmod);
    return !stop;
  });
  if (first < 0) return stop ? 0 : 1;
  if (first >= argc) {
    messages().error("missing filename.");
    return 1;
  }
  std::string path = argv[first];
  if (path == "-") {
    messages().error("this tool does not support loading from stdin!");
    return 1;
  }
  if (!host::stat_file(path).exists) {
    messages().error(fmt::format("could not load module {}: {}", path, std::strerror(ENOENT)));
    return 1;
  }
  std::string arguments;
  for (int i = first + 1; i < argc; i++)
    arguments += (arguments.empty() ? "" : " ") + quoted(argv[i]);

  auto kernel = open_kernel();
  if (messages().verbose()) fmt::print("insmod {} {}\n", path, arguments);
  kernel->mark_log();
  auto done = index::insert_module(*kernel, path, arguments, flags);
  if (done) return 0;
  messages().error(fmt::format("could not insert module {}: {}", path, reason(done.error().code)));
  for (const std::string& line : index::causes(kernel->log_since_mark(), index::name_in_file(path)))
    messages().cause(line);
  if (!done.error().text.empty()) messages().cause(done.error().text);
  return 1;
}

}  // namespace

const Tool kInsmod{
    "insmod",
    "insert one file into the kernel",
    {"[OPTION...] FILE [PARAMETER=VALUE...]"},
    kOptions,
    "FILE is a module (.ko), plain or packed with gzip, xz or zstd. Nothing that it needs is "
    "loaded: modprobe does that. When the kernel refuses the module, the lines of its log that "
    "say why follow the error.\n\n"
    "The exit status is 0, or 1 when the module was not inserted.",
    Operands::kFiles,
    run};

}  // namespace ring3::kmod
