// SPDX-License-Identifier: GPL-2.0-only
// /sys/module/NAME: attributes, parameters, holders, sections, notes.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "module/files.h"
#include "module/params.h"

namespace ring3::module {
namespace {

using machine::File;
using machine::FileFunctions;
using machine::Files;

constexpr size_t kPage = 4096;  // what sysfs gives a show function

constexpr const char* kStates[] = {"live", "coming", "going", "unformed"};  // by State

// One row an attribute; a row whose text is nothing is not shown.
struct Attribute {
  const char* name;
  std::optional<std::string> (*text)(const Module&);
};
std::optional<std::string> if_any(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}
constexpr Attribute kAttributes[] = {
    {"coresize", [](const Module& m) { return if_any(std::to_string(m.core_size())); }},
    {"initsize", [](const Module& m) { return if_any(std::to_string(m.init_size())); }},
    {"initstate",
     [](const Module& m) { return if_any(kStates[static_cast<unsigned>(m.state())]); }},
    {"refcnt", [](const Module& m) { return if_any(std::to_string(m.references.load())); }},
    {"srcversion", [](const Module& m) { return if_any(m.srcversion); }},
    {"taint", [](const Module& m) { return std::optional(module_taint_letters(m.taints)); }},
    {"version", [](const Module& m) { return if_any(m.version); }},
};

constexpr std::array<std::string_view, 8> kActions = {"add",    "remove",  "change", "move",
                                                      "online", "offline", "bind",   "unbind"};

// kobject_synth_uevent: an action, with a uuid and variables behind it, which nobody hears yet.
File uevent_file(Loader& loader, const std::string& name) {
  auto write = [&loader, name](const std::string& text) -> Result<void> {
    std::string_view rest = text;
    while (rest.ends_with('\n') || rest.ends_with('\0')) rest.remove_suffix(1);
    std::string_view action = take_field(rest, ' ');
    if (std::find(kActions.begin(), kActions.end(), action) != kActions.end()) return {};
    loader.services().log(
        4, fmt::format("synth uevent: /module/{}: unknown uevent action string", name));
    return Error{EINVAL, ""};
  };
  return machine::make_file("uevent", 0200, {.write = write});
}

Files parameter_files(Loader& loader, const Module& module) {
  Files files;
  auto params = module.image->section("__param");
  for (uint64_t at = 0; at + sizeof_kernel_param() <= params.size(); at += sizeof_kernel_param()) {
    auto* param = reinterpret_cast<const k::kernel_param*>(params.data() + at);
    if (kernel_param_perm(param)) machine::put_file(files, parameter_file(loader, module, param));
  }
  return files;
}

// Everything that was in memory, also what has gone with init, at the addresses that it had.
Files section_files(const Module& module) {
  Files files;
  const link::Image& image = *module.image;
  for (size_t i = 0; i < image.sections.size(); i++) {
    const link::PlacedSection& section = image.sections[i];
    if (!section.shown || !section.size) continue;
    auto read = [address = section.address.value]() -> Result<std::string> {
      return fmt::format("0x{:016x}\n", address);
    };
    machine::put_file(files, machine::make_file(image.section_names[i], 0400, {.read = read}));
  }
  return files;
}

Files note_files(const Module& module) {
  Files files;
  const link::Image& image = *module.image;
  for (size_t i = 0; i < image.sections.size(); i++) {
    const link::PlacedSection& section = image.sections[i];
    if (!section.note || !section.size || !section.address) continue;
    if (section.region >= link::Region::kInitText) continue;  // gone when somebody reads
    auto read = [&section]() -> Result<std::string> {
      return std::string(section.address.as<const char>(), section.size);
    };
    machine::put_file(files, machine::make_file(image.section_names[i], 0444, {.read = read}));
  }
  return files;
}

Files holder_links(Loader& loader, const Module& module) {
  Files files;
  loader.registry().for_each_user(module, [&](Module& user) {
    machine::put_file(files, machine::make_link(user.name, "../../" + user.name));
  });
  return files;
}

Files module_files(Loader& loader, Module& module) {
  Files files;
  for (const Attribute& attribute : kAttributes) {
    if (!attribute.text(module)) continue;
    auto read = [&module, &attribute]() -> Result<std::string> {
      return attribute.text(module).value_or("") + "\n";
    };
    machine::put_file(files, machine::make_file(attribute.name, 0444, {.read = read}));
  }
  machine::put_file(files, uevent_file(loader, module.name));
  auto folder = [&](const char* name, bool empty_too, std::function<Files()> entries) {
    if (!empty_too && entries().empty()) return;
    machine::put_file(files, machine::make_directory(name, 0755, std::move(entries)));
  };
  folder("holders", true, [&] { return holder_links(loader, module); });
  folder("notes", true, [&] { return note_files(module); });
  folder("parameters", false, [&] { return parameter_files(loader, module); });
  folder("sections", true, [&] { return section_files(module); });
  return files;
}

// A switch of the loader as a parameter of built-in code.
File switch_file(const char* name, bool& value, bool only_on) {
  FileFunctions functions{
      .read = [&value]() -> Result<std::string> { return std::string(value ? "Y\n" : "N\n"); },
      .write = [&value, only_on](const std::string& text) -> Result<void> {
        auto on = parse_bool(text.c_str());
        if (!on) return Error{EINVAL, ""};
        if (!*on && value && only_on) return Error{EROFS, ""};
        value = *on;
        return {};
      }};
  return machine::make_file(name, 0644, std::move(functions));
}

// What the kernel's module code shows of itself. No driver probes here, now or later.
void add_own_files(machine::FileTree& tree, Loader& loader) {
  constexpr const char* kParameters = "/sys/module/module/parameters";
  LoaderOptions& options = loader.options();
  (void)tree.add(kParameters, switch_file("sig_enforce", options.sig_enforce, true));
  (void)tree.add(kParameters, switch_file("async_probe", options.async_probe, false));
  const target::Target& target = loader.services().binding->target();
  if (!target.config("CONFIG_MODULE_DECOMPRESS")) return;
  for (auto [option, name] : {std::pair("CONFIG_MODULE_COMPRESS_GZIP", "gzip"),
                              std::pair("CONFIG_MODULE_COMPRESS_XZ", "xz"),
                              std::pair("CONFIG_MODULE_COMPRESS_ZSTD", "zstd")}) {
    if (!target.config(option)) continue;
    auto read = [name = name]() -> Result<std::string> { return std::string(name) + "\n"; };
    (void)tree.add("/sys/module", machine::make_file("compression", 0444, {.read = read}));
    return;
  }
}

}  // namespace

void add_module_files(machine::FileTree& tree, Loader& loader) {
  add_proc_files(tree, loader);
  for (const target::BuiltinModule& builtin : loader.options().builtin) {
    std::string name(builtin.name), folder = "/sys/module/" + name;
    (void)tree.add(folder, uevent_file(loader, name));
    if (builtin.version.empty()) continue;
    auto read = [text = std::string(builtin.version) + "\n"]() -> Result<std::string> {
      return text;
    };
    (void)tree.add(folder, machine::make_file("version", 0444, {.read = read}));
  }
  add_own_files(tree, loader);
}

// A mode without the permission is EACCES; operations that lack the function, EPERM.
File parameter_file(Loader& loader, const Module& module, const k::kernel_param* param) {
  const k::kernel_param_ops* ops = kernel_param_ops(param);
  auto read = [ops, param, &loader, &module]() -> Result<std::string> {
    auto get = kernel_param_ops_get(ops);
    if (!get) return Error{EPERM, ""};
    std::string buffer(kPage, 0);
    loader.lock_params(module, true);
    int length = get(buffer.data(), param);
    loader.lock_params(module, false);
    if (length < 0) return Error{-length, ""};
    buffer.resize(std::min(static_cast<size_t>(length), kPage - 1));
    return buffer;
  };
  auto write = [ops, param, &loader, &module](const std::string& text) -> Result<void> {
    auto set = kernel_param_ops_set(ops);
    if (!set) return Error{EPERM, ""};
    loader.lock_params(module, true);
    loader.note_unsafe(param);
    int result = set(text.c_str(), param);
    loader.lock_params(module, false);
    if (result) return Error{-result, ""};
    return {};
  };
  return machine::make_file(kernel_param_name(param), kernel_param_perm(param), {read, write});
}

Result<File> add_sysfs_folder(machine::FileTree& tree, Loader& loader, Module& module) {
  return tree.add("/sys/module", machine::make_directory(module.name, 0755, [&loader, &module] {
                    return module_files(loader, module);
                  }));
}

}  // namespace ring3::module
