// SPDX-License-Identifier: GPL-2.0-only
// modprobe: options, and what they lead to. $MODPROBE_OPTIONS stands before the command line, and
// what concerns the modprobes that install commands start is added to it.
#include "modprobe.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "host/file.h"
#include "index/config_files.h"
#include "kmod/kernel.h"
#include "kmod/messages.h"
#include "kmod/tools.h"

namespace ring3::kmod {
namespace {

enum LongOption { kRemoveHolders = 256, kFirstTime, kForceModversion, kForceVermagic };
enum LongQuery { kModversions = 300, kExports, kJson };

const Option kOptions[] = {
    {'a', "all", nullptr, "every argument is a module to insert or remove"},
    {'r', "remove", nullptr, "remove modules, and what they alone needed"},
    {kRemoveHolders, "remove-holders", nullptr, "with -r: first the modules that use it"},
    {kRemoveHolders, "remove-dependencies", nullptr, nullptr, "remove-holders"},
    {'w', "wait", "MSEC", "with -r: wait until nobody uses the module"},
    {kFirstTime, "first-time", nullptr, "fail if it is inserted or removed already"},
    {'i', "ignore-install", nullptr, ""},
    {'i', "ignore-remove", nullptr, "no install or remove commands"},
    {'b', "use-blacklist", nullptr, "the blacklist holds for names as well"},
    {'f', "force", nullptr, "ignore versions of symbols and of the kernel"},
    {kForceModversion, "force-modversion", nullptr, ""},
    {kForceVermagic, "force-vermagic", nullptr, "only one of them"},
    {'R', "show-alias", nullptr, "print the modules that a name stands for"},
    {'R', "resolve-alias", nullptr, nullptr, "show-alias"},
    {'D', "show-depends", nullptr, "print what inserting would do, all of it"},
    {'c', "show-config", nullptr, "print the configuration and the indexes"},
    {'c', "showconfig", nullptr, nullptr, "show-config"},
    {kModversions, "show-modversions", nullptr, "print the symbol versions that a file wants"},
    {kModversions, "dump-modversions", nullptr, nullptr, "show-modversions"},
    {kExports, "show-exports", nullptr, "print the symbols that a file exports"},
    {kJson, "json", nullptr, "with -c and -D: print JSON"},
    {'n', "dry-run", nullptr, "do nothing; with -v: print what would be done"},
    {'n', "show", nullptr, nullptr, "dry-run"},
    {'C', "config", "FILE", "configuration, instead of the usual folders"},
    {'d', "dirname", "DIR", "where lib/modules is"},
    {'S', "set-version", "RELEASE", "instead of the running kernel's"},
    {'s', "syslog", nullptr, ""},
    {'q', "quiet", nullptr, ""},
    {'v', "verbose", nullptr, "messages"},
    {'V', "version", nullptr, ""},
    {'h', "help", nullptr, "print this"},
};

// A parameter whose value has a blank needs quotes for the kernel.
std::string module_arguments(std::span<char*> words) {
  std::string text;
  for (const char* word : words) {
    if (!text.empty()) text += ' ';
    const char* value = std::strchr(word, '=');
    bool quote = value && value[1] != '"' && value[1] != '\'' && std::strchr(value, ' ');
    if (quote)
      text += fmt::format("{}=\"{}\"", std::string_view(word, value - word), value + 1);
    else
      text += word;
  }
  return text;
}

// Words of $MODPROBE_OPTIONS; quotes keep blanks inside a word.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool any = false;
  for (char c : text) {
    if (quote ? c == quote : c == '"' || c == '\'') {
      quote = quote ? 0 : c;
      any = true;
    } else if (!quote && c == ' ') {
      if (any) words.push_back(std::move(word));
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(std::move(word));
  return words;
}

void append_to_environment(const std::string& word) {
  std::string old = host::environment("MODPROBE_OPTIONS");
  ::setenv("MODPROBE_OPTIONS", (old.empty() ? word : old + " " + word).c_str(), 1);
}

struct Parsed {
  ModprobeOptions options;
  std::string root, release;
  bool stop = false;  // -V or -h was given
};

bool take_option(Parsed& parsed, int id, const char* argument) {
  ModprobeOptions& options = parsed.options;
  switch (id) {
    case 'a':
      options.all = true;
      break;
    case 'r':
      options.remove = true;
      break;
    case kRemoveHolders:
      options.remove_holders = true;
      break;
    case 'w': {
      char* end = nullptr;
      options.wait_ms = std::strtoul(argument, &end, 0);
      if (*argument && !*end) break;
      messages().error(fmt::format("unexpected wait value '{}'.", argument));
      return false;
    }
    case kFirstTime:
      options.first_time = true;
      break;
    case 'i':
      options.ignore_commands = true;
      break;
    case 'b':
      options.use_blacklist = true;
      break;
    case 'f':
      options.force_modversion = options.force_vermagic = true;
      break;
    case kForceModversion:
      options.force_modversion = true;
      break;
    case kForceVermagic:
      options.force_vermagic = true;
      break;
    case 'R':
      options.resolve = true;
      break;
    case 'D':
      options.show_depends = options.dry_run = true;
      break;
    case 'c':
      options.show_config = true;
      break;
    case kModversions:
      options.show_modversions = true;
      break;
    case kExports:
      options.show_exports = true;
      break;
    case kJson:
      options.json = true;
      break;
    case 'n':
      options.dry_run = true;
      break;
    case 'C':
      options.config_paths.emplace_back(argument);
      append_to_environment("-C");
      append_to_environment(argument);
      break;
    case 'd':
      parsed.root = argument;
      break;
    case 'S':
      parsed.release = argument;
      break;
    case 's':
      append_to_environment("-s");
      messages().use_syslog();
      break;
    case 'q':
      append_to_environment("-q");
      messages().set_quiet();
      break;
    case 'v':
      append_to_environment("-v");
      messages().more_verbose();
      break;
    case 'V':
      print_version();
      parsed.stop = true;
      return false;
    default:
      print_help(kModprobe);
      parsed.stop = true;
      return false;
  }
  return true;
}

bool perform(Modprobe& modprobe, const ModprobeOptions& options, std::span<char*> words) {
  if (options.show_config) return modprobe.show_config();
  if (options.show_modversions) return modprobe.show_modversions(words[0]);
  if (options.show_exports) return modprobe.show_exports(words[0]);
  if (!options.remove && !options.all)
    return modprobe.insert(words[0], module_arguments(words.subspan(1)));
  bool good = true;
  for (const char* word : words)
    good = (options.remove ? modprobe.remove(word) : modprobe.insert(word, "")) && good;
  return good;
}

int run(int argc, char** argv) {
  std::vector<std::string> more = words_of(host::environment("MODPROBE_OPTIONS"));
  std::vector<char*> words{argv[0]};
  for (std::string& word : more) words.push_back(word.data());
  words.insert(words.end(), argv + 1, argv + argc);
  int count = static_cast<int>(words.size());
  words.push_back(nullptr);

  Parsed parsed;
  int first = parse_options(kModprobe, count, words.data(), [&](int id, const char* argument) {
    return take_option(parsed, id, argument);
  });
  if (first < 0) return parsed.stop ? 0 : 1;
  ModprobeOptions& options = parsed.options;
  std::span<char*> operands(words.data() + first, static_cast<size_t>(count - first));
  if (operands.empty() && !options.show_config) {
    messages().error("missing parameters. See -h.");
    return 1;
  }
  auto kernel = open_kernel();
  if (parsed.release.empty()) parsed.release = kernel->release();
  options.folder = fmt::format("{}/lib/modules/{}", parsed.root, parsed.release);
  if (!options.folder.starts_with('/'))
    options.folder = host::absolute_path(".") + "/" + options.folder;
  if (options.config_paths.empty()) options.config_paths = index::default_config_paths();
  ReaderErrors errors;
  index::Config config = index::read_config(options.config_paths, options.folder, *kernel, errors);
  index::Lookup lookup(options.folder, config, errors);
  Modprobe modprobe(options, *kernel, config, lookup);
  bool good = perform(modprobe, options, operands);
  modprobe.finish();
  return good ? 0 : 1;
}

}  // namespace

const Tool kModprobe{
    "modprobe",
    "add modules to the kernel and remove them, with all that they need",
    {"[OPTION...] MODULE [PARAMETER=VALUE...]", "-a|-r [OPTION...] MODULE...",
     "-c | --show-modversions FILE | --show-exports FILE"},
    kOptions,
    "A MODULE is the name of a module, an alias of it, or the path of a file that begins with / or "
    "./ . Dashes and underscores in names are the same. What the module needs is found in "
    "modules.dep of /lib/modules/RELEASE, which depmod writes; options, aliases, commands and the "
    "blacklist in *.conf of /etc/modprobe.d, /run/modprobe.d, /usr/local/lib/modprobe.d, "
    "/usr/lib/modprobe.d and /lib/modprobe.d, the first folder of those that have a file of one "
    "name, and on the kernel's command line (MODULE.PARAMETER=VALUE, modprobe.blacklist=A,B).\n\n"
    "When the kernel refuses a module, the lines of its log that say why follow the error.\n\n"
    "MODPROBE_OPTIONS holds options that stand before those of the command line. An install or "
    "remove command finds the module's name in MODPROBE_MODULE.\n\n"
    "The exit status is 0, or 1 when something failed.",
    Operands::kModulesAndFiles,
    run};

}  // namespace ring3::kmod
