// SPDX-License-Identifier: GPL-2.0-only
// Call sites of pr_debug in all modules: queries change their flags (and the static key that keeps
// a silent one from calling), the control file lists them. The sites are found in the modules'
// sections each time, so nothing is registered and nothing outlives its module.
#include <fmt/format.h>

#include <cerrno>

#include "linux/include/api_function.h"
#include "linux/include/dynamic_debug.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/lib/dynamic_debug_query.h"
#include "linux/lib/dynamic_debug_site.h"
#include "module/tables.h"

namespace ring3::kernel {
namespace {

constexpr unsigned kNoClass = 63;  // _DPRINTK_CLASS_DFLT

// From the last to the first, as the control file lists them.
template <class Fn>
void for_each_site(const module::Module& module, Fn&& fn) {
  if (module.state() == module::State::kUnformed) return;  // not checked, or going
  std::span<std::byte> sites = module.image->section("__dyndbg");
  for (size_t count = sites.size() / sizeof__ddebug(); count-- > 0;)
    fn(reinterpret_cast<k::_ddebug*>(sites.data() + count * sizeof__ddebug()));
}

// The classes that a module's maps name: fn(number, name) until it returns true.
template <class Fn>
bool find_class(const module::Module& module, Fn&& fn) {
  std::span<std::byte> maps = module.image->section("__dyndbg_classes");
  for (size_t at = 0; at + sizeof_ddebug_class_map() <= maps.size();
       at += sizeof_ddebug_class_map()) {
    auto* map = reinterpret_cast<k::ddebug_class_map*>(maps.data() + at);
    for (int i = 0; i < ddebug_class_map_length(map); i++)
      if (fn(static_cast<unsigned>(ddebug_class_map_base(map) + i),
             std::string_view(ddebug_class_map_class_names(map)[i])))
        return true;
  }
  return false;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool matches(const DebugQuery& query, unsigned class_id, const k::_ddebug* site) {
  if (site_fields().class_id.get(site) != class_id) return false;
  std::string_view file = _ddebug_filename(site);
  if (query.file && !matches_wildcard(*query.file, file) &&
      !matches_wildcard(*query.file, base_name(file)))
    return false;
  if (query.function && !matches_wildcard(*query.function, _ddebug_function(site))) return false;
  if (query.format) {
    std::string_view format = _ddebug_format(site), wanted = *query.format;
    bool found = wanted.starts_with('^') ? format.starts_with(wanted.substr(1))
                                         : format.find(wanted) != format.npos;
    if (!found) return false;
  }
  unsigned line = site_fields().line.get(site);
  return (!query.first_line || line >= query.first_line) &&
         (!query.last_line || line <= query.last_line);
}

void set_flags(k::_ddebug* site, unsigned flags) {
  unsigned before = site_fields().flags.get(site);
  if ((before ^ flags) & kSitePrint)
    api_function<void(k::static_key*)>(flags & kSitePrint ? "static_key_enable"
                                                          : "static_key_disable")(
        static_cast<k::static_key*>(_ddebug_key(site)));
  site_fields().flags.set(site, flags);
}

void apply(const DebugQuery& query) {
  for (module::Module* module : running().loader->registry().walk()) {
    if ((query.module && !matches_wildcard(*query.module, module->name))) continue;
    unsigned class_id = kNoClass;
    if (query.class_name && !find_class(*module, [&](unsigned number, std::string_view name) {
          if (name == *query.class_name) class_id = number;
          return name == *query.class_name;
        }))
      continue;
    for_each_site(*module, [&](k::_ddebug* site) {
      if (matches(query, class_id, site))
        set_flags(site, query.new_flags(site_fields().flags.get(site)));
    });
  }
}

std::string flag_letters(unsigned flags) {
  std::string letters;
  for (const DebugFlag& flag : kDebugFlags)
    if (flags & flag.flag) letters += flag.letter;
  return letters.empty() ? "_" : letters;
}

std::string escaped(std::string_view format) {
  constexpr std::string_view kSpaces = "\n\r\t\v\f", kLetters = "nrtvf";
  std::string out;
  for (char c : format) {
    size_t space = kSpaces.find(c);
    if (space == kSpaces.npos)
      out += c;
    else
      (out += '\\') += kLetters[space];
  }
  return out;
}

std::string control_text() {
  std::string text = "# filename:lineno [module]function flags format\n";
  for (const module::Module* module : running().loader->registry().walk())
    for_each_site(*module, [&](const k::_ddebug* site) {
      text +=
          fmt::format("{}:{} [{}]{} ={} \"{}\"", _ddebug_filename(site),
                      site_fields().line.get(site), module->name, _ddebug_function(site),
                      flag_letters(site_fields().flags.get(site)), escaped(_ddebug_format(site)));
      unsigned class_id = site_fields().class_id.get(site);
      auto name_it = [&](unsigned number, std::string_view name) {
        if (number == class_id) text += fmt::format(" class:{}", name);
        return number == class_id;
      };
      if (class_id != kNoClass && !find_class(*module, name_it))
        text += fmt::format(" class unknown, _id:{}", class_id);
      text += '\n';
    });
  return text;
}

}  // namespace

Result<void> check_debug_sites(const module::Module& module) {
  std::span<std::byte> sites = module.image->section("__dyndbg");
  for (size_t i = 0; i < sites.size() / sizeof__ddebug(); i++) {
    module::TableEntry entry(module, "__dyndbg", i);
    auto* site = reinterpret_cast<const k::_ddebug*>(sites.data() + i * sizeof__ddebug());
    auto follow = [&](const char* member, const char* text) {
      return entry.text(member, reinterpret_cast<uint64_t>(text));
    };
    TRY(follow("modname", _ddebug_modname(site)));
    TRY(follow("function", _ddebug_function(site)));
    TRY(follow("filename", _ddebug_filename(site)));
    TRY(follow("format", _ddebug_format(site)));
  }
  std::span<std::byte> maps = module.image->section("__dyndbg_classes");
  for (size_t i = 0; i < maps.size() / sizeof_ddebug_class_map(); i++) {
    module::TableEntry entry(module, "__dyndbg_classes", i);
    auto* map =
        reinterpret_cast<const k::ddebug_class_map*>(maps.data() + i * sizeof_ddebug_class_map());
    TRY(check_class_map(entry, map));
  }
  return {};
}

int dynamic_debug_queries(std::string_view text, const char* module) {
  int error = 0;
  while (!text.empty()) {
    std::string_view query = text.substr(0, text.find_first_of(";\n"));
    text.remove_prefix(std::min(text.size(), query.size() + 1));
    while (!query.empty() && std::isspace(static_cast<unsigned char>(query.front())))
      query.remove_prefix(1);
    if (query.empty() || query.front() == '#') continue;
    if (auto wanted = read_debug_query(query, module))
      apply(*wanted);
    else
      error = -EINVAL;
  }
  return error;
}

void add_dynamic_debug_files(machine::FileTree& tree) {
  constexpr size_t kLongest = 4096;  // USER_BUF_PAGE
  machine::FileFunctions functions{.read = []() -> Result<std::string> { return control_text(); },
                                   .write = [](const std::string& text) -> Result<void> {
                                     if (text.size() > kLongest - 1) {
                                       kernel_print(KERN_WARNING
                                                    "dyndbg: expected <%d bytes into control\n",
                                                    static_cast<int>(kLongest));
                                       return Error{E2BIG, ""};
                                     }
                                     if (int error = dynamic_debug_queries(text, nullptr))
                                       return Error{-error, ""};
                                     return {};
                                   }};
  for (const char* folder : {"/sys/kernel/debug/dynamic_debug", "/proc/dynamic_debug"})
    (void)tree.add(folder, machine::make_file("control", 0644, functions));
}

}  // namespace ring3::kernel
