// SPDX-License-Identifier: GPL-2.0-only
// depmod: options and messages. They are kmod's, with those of its later versions (-m, -o); getopt
// reads them, so that abbreviations and complaints are the same as well.
#include "depmod.h"

#include <fmt/format.h>
#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "host/file.h"
#include "index/depmod.h"

namespace {

using ring3::index::DepmodOptions;

constexpr const char* kHelp =
    "Usage: depmod [-aA] [options] [VERSION] [/FILE.ko ...]\n"
    "Writes modules.dep and the other indexes that modprobe reads, for the running\n"
    "kernel or for VERSION; with FILEs for these modules only.\n"
    "\n"
    "  -a, --all             look at all modules (what happens without FILEs)\n"
    "  -A, --quick           only if a module is newer than modules.dep\n"
    "  -e, --errsyms         report symbols that nobody exports (with -E or -F)\n"
    "  -E, --symvers=FILE    what the kernel exports: Module.symvers, with versions\n"
    "  -F, --filesyms=FILE   what the kernel exports: System.map\n"
    "  -P, --symbol-prefix=C a character before each symbol, on some machines\n"
    "  -n, --show            print the texts instead of writing files (--dry-run)\n"
    "  -w, --warn            warn of duplicates\n"
    "  -v, --verbose         say why a module needs another\n"
    "  -C, --config=PATH     read this file or folder instead of depmod.d\n"
    "  -b, --basedir=DIR     the modules are in DIR/lib/modules/VERSION\n"
    "  -m, --moduledir=DIR   instead of /lib/modules, below the DIR of -b\n"
    "  -o, --outdir=DIR      write to DIR/lib/modules/VERSION\n"
    "  -V, --version         -h, --help\n";

constexpr option kOptions[] = {{"all", no_argument, nullptr, 'a'},
                               {"quick", no_argument, nullptr, 'A'},
                               {"basedir", required_argument, nullptr, 'b'},
                               {"moduledir", required_argument, nullptr, 'm'},
                               {"outdir", required_argument, nullptr, 'o'},
                               {"config", required_argument, nullptr, 'C'},
                               {"symvers", required_argument, nullptr, 'E'},
                               {"filesyms", required_argument, nullptr, 'F'},
                               {"errsyms", no_argument, nullptr, 'e'},
                               {"unresolved-error", no_argument, nullptr, 'u'},
                               {"quiet", no_argument, nullptr, 'q'},
                               {"root", no_argument, nullptr, 'r'},
                               {"verbose", no_argument, nullptr, 'v'},
                               {"show", no_argument, nullptr, 'n'},
                               {"dry-run", no_argument, nullptr, 'n'},
                               {"symbol-prefix", required_argument, nullptr, 'P'},
                               {"warn", no_argument, nullptr, 'w'},
                               {"map", no_argument, nullptr, 'M'},
                               {"version", no_argument, nullptr, 'V'},
                               {"help", no_argument, nullptr, 'h'},
                               {}};

class Log final : public ring3::index::DepmodLog {
 public:
  void fatal(std::string_view text) { fmt::print(stderr, "depmod: FATAL: {}\n", text); }
  void error(std::string_view text) override { fmt::print(stderr, "depmod: ERROR: {}\n", text); }
  void warning(std::string_view text) override {
    fmt::print(stderr, "depmod: WARNING: {}\n", text);
  }
  void show(std::string_view text) override { fmt::print("{}\n", text); }
};

// Of a kernel: "6.1..." at least.
bool is_version(const char* text) {
  unsigned major, minor;
  return std::sscanf(text, "%u.%u", &major, &minor) == 2;
}

}  // namespace

int depmod_main(int argc, char** argv) {
  Log log;
  DepmodOptions options;
  std::string base, module_folder = "/lib/modules", out;
  bool all = false;
  int option;
  optind = 0;
  while ((option = getopt_long(argc, argv, "aAb:m:o:C:E:F:euqrvnP:wVh", kOptions, nullptr)) != -1) {
    switch (option) {
      case 'a':
        all = true;
        break;
      case 'A':
        options.quick = true;
        break;
      case 'b':
        base = ring3::host::absolute_path(optarg);
        break;
      case 'm':
        module_folder = optarg[0] == '/' ? optarg : fmt::format("/{}", optarg);
        break;
      case 'o':
        out = optarg;
        break;
      case 'C':
        options.config_paths.emplace_back(optarg);
        break;
      case 'E':
        options.symvers = optarg;
        break;
      case 'F':
        options.system_map = optarg;
        break;
      case 'e':
        options.error_symbols = true;
        break;
      case 'v':
        options.verbose = true;
        break;
      case 'n':
        options.dry_run = true;
        break;
      case 'P':
        if (std::strlen(optarg) != 1) {
          log.fatal("-P only takes a single char");
          return 1;
        }
        options.symbol_prefix = optarg[0];
        break;
      case 'w':
        options.warn_duplicates = true;
        break;
      case 'u':
      case 'q':
      case 'r':
      case 'M':
        log.warning(option == 'M' ? "Ignored deprecated option --map"
                                  : fmt::format("Ignored deprecated option -{:c}", option));
        break;
      case 'h':
        fmt::print("{}", kHelp);
        return 0;
      case 'V':
        fmt::print("ring3 depmod, as kmod 30\n+ZSTD +XZ +ZLIB\n");
        return 0;
      default:
        return 1;
    }
  }

  options.version = ring3::host::running_release();
  if (optind < argc) {
    if (!is_version(argv[optind])) {
      log.error(fmt::format("Bad version passed {}", argv[optind]));
      return 1;
    }
    options.version = argv[optind++];
  }
  std::string below = fmt::format("{}/{}", module_folder, options.version);
  options.folder = base + below;
  if (!out.empty()) options.output_folder = out + below;

  if (options.error_symbols && options.symvers.empty() && options.system_map.empty())
    log.warning("-e needs -E or -F");
  for (; optind < argc; optind++) {
    std::string file = argv[optind];
    if (all) continue;
    if (file[0] != '/') {
      log.fatal(fmt::format("{}: not absolute path.", file));
      return 1;
    }
    if (!ring3::host::stat_file(file).exists) {
      log.fatal(fmt::format("could not create module {}: {}", file, std::strerror(ENOENT)));
      return 1;
    }
    options.files.push_back(std::move(file));
  }
  options.print = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };

  ring3::Result<void> done = ring3::index::run_depmod(options, log);
  std::fflush(stdout);
  if (done) return 0;
  done.error().code == ELOOP ? log.error(done.error().text) : log.fatal(done.error().text);
  return 1;
}
