// SPDX-License-Identifier: GPL-2.0-only
// modinfo: what a module says about itself, by its file or by its name.
#include <fmt/format.h>

#include <cstdio>
#include <cstring>

#include "host/file.h"
#include "host/folder.h"
#include "index/lookup.h"
#include "index/module_names.h"
#include "kmod/kernel.h"
#include "kmod/messages.h"
#include "kmod/tools.h"
#include "print.h"

namespace ring3::kmod {
namespace {

enum LongOption { kJson = 256 };

const Option kOptions[] = {
    {'a', "author", nullptr, "print only the authors"},
    {'d', "description", nullptr, "print only the description"},
    {'l', "license", nullptr, "print only the license"},
    {'p', "parameters", nullptr, "print only the parameters"},
    {'n', "filename", nullptr, "print only the file"},
    {'F', "field", "FIELD", "print only this field, also build-id"},
    {'0', "null", nullptr, "end each with a NUL instead of a newline"},
    {kJson, "json", nullptr, "print JSON"},
    {'m', "modname", nullptr, "arguments are names, never files or aliases"},
    {'k', "set-version", "RELEASE", "instead of the running kernel's"},
    {'b', "basedir", "DIR", "where lib/modules is"},
    {'V', "version", nullptr, ""},
    {'h', "help", nullptr, "print this"},
};

class Modinfo {
 public:
  Modinfo(const std::string& folder, const PrintOptions& print)
      : lookup_(folder, config_, errors_), printer_(print) {}

  bool file(const std::string& path);
  bool names(const std::string& text, bool only_names);
  void finish() { printer_.finish(); }

 private:
  bool show_file(const std::string& name, const std::string& path);
  bool show_builtin(const std::string& name);

  ReaderErrors errors_;
  index::Config config_;  // modinfo knows no aliases of the configuration
  index::Lookup lookup_;
  Printer printer_;
  index::ModuleFile file_;
  std::string builtin_text_;
  bool builtin_read_ = false;
};

bool Modinfo::show_file(const std::string& name, const std::string& path) {
  ModuleInfo info{name, path, false, {}};
  printer_.begin(info);
  if (printer_.only_filename()) return true;
  auto done = file_.open(path);
  if (done) done = read_file_info(file_, info);
  if (!done) {
    messages().error(
        fmt::format("could not get modinfo from '{}': {}", name, std::strerror(done.error().code)));
    if (!done.error().text.empty()) messages().cause(path + ": " + done.error().text);
    return false;
  }
  printer_.entries(info, &file_);
  return true;
}

bool Modinfo::show_builtin(const std::string& name) {
  ModuleInfo info{name, "(builtin)", true, {}};
  printer_.begin(info);
  if (printer_.only_filename()) return true;
  if (!builtin_read_) {
    builtin_read_ = true;
    if (auto text = host::read_text(lookup_.folder() + "/modules.builtin.modinfo"))
      builtin_text_ = text.take();
  }
  read_builtin_info(builtin_text_, info);
  printer_.entries(info, nullptr);
  return true;
}

bool Modinfo::file(const std::string& path) {
  std::string absolute = path;
  if (!path.starts_with('/')) absolute = host::absolute_path(".") + "/" + path;
  return show_file(index::module_name_of(path), absolute);
}

bool Modinfo::names(const std::string& text, bool only_names) {
  auto found = only_names ? lookup_.resolve_name(text) : lookup_.resolve(text);
  if (found.empty()) {
    printer_.flush();
    messages().error(only_names ? fmt::format("Module name {} not found.", text)
                                : fmt::format("Module {} not found.", text));
    return false;
  }
  bool good = true;
  for (const index::Found& module : found) {
    const index::DependencyEntry* entry = module.builtin ? nullptr : lookup_.entry(module.name);
    good = (entry ? show_file(module.name, entry->path) : show_builtin(module.name)) && good;
  }
  return good;
}

int run(int argc, char** argv) {
  PrintOptions print;
  std::string root, release;
  bool only_names = false, stop = false;
  int first = parse_options(kModinfo, argc, argv, [&](int id, const char* argument) {
    switch (id) {
      case 'a':
        print.field = "author";
        break;
      case 'd':
        print.field = "description";
        break;
      case 'l':
        print.field = "license";
        break;
      case 'p':
        print.field = "parm";
        break;
      case 'n':
        print.field = "filename";
        break;
      case 'F':
        print.field = argument;
        break;
      case '0':
        print.separator = '\0';
        break;
      case kJson:
        print.json = true;
        break;
      case 'm':
        only_names = true;
        break;
      case 'k':
        release = argument;
        break;
      case 'b':
        root = argument;
        break;
      case 'V':
        print_version();
        stop = true;
        break;
      default:
        print_help(kModinfo);
        stop = true;
    }
    return !stop;
  });
  if (first < 0) return stop ? 0 : 1;
  if (first >= argc) {
    messages().error("missing module or filename.");
    return 1;
  }
  if (release.empty()) release = open_kernel()->release();
  std::string folder = fmt::format("{}/lib/modules/{}", root, release);
  if (!folder.starts_with('/')) folder = host::absolute_path(".") + "/" + folder;
  Modinfo modinfo(folder, print);
  bool good = true;
  for (int i = first; i < argc; i++) {
    std::string word = argv[i];
    host::FileInfo info;
    if (!only_names && index::is_module_file(word)) info = host::stat_file(word);
    bool is_file = info.exists && !info.directory;
    good = (is_file ? modinfo.file(word) : modinfo.names(word, only_names)) && good;
  }
  modinfo.finish();
  return good ? 0 : 1;
}

}  // namespace

const Tool kModinfo{
    "modinfo",
    "print what a module says about itself",
    {"[OPTION...] MODULE|FILE..."},
    kOptions,
    "A MODULE is a name or an alias that is looked up in the indexes of /lib/modules/RELEASE. Of "
    "a signed module who signed it is printed; whether the signature holds is the kernel's "
    "business.\n\n"
    "The exit status is 0, or 1 when something was not found or could not be read.",
    Operands::kModulesAndFiles,
    run};

}  // namespace ring3::kmod
