// SPDX-License-Identifier: GPL-2.0-only
// /proc/sys/kernel/{tainted,modules_disabled}: numbers as proc_dointvec_minmax and proc_taint read
// and write them; /proc/sys/kernel/modprobe: a text as proc_dostring does.
#include "linux/kernel/sysctl.h"

#include "base/text.h"
#include "linux/kernel/kmod.h"

namespace ring3::kernel {
namespace {

constexpr const char* kFolder = "/proc/sys/kernel";

// A number with white space around it. EINVAL: anything else.
Result<uint64_t> number_of(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  auto number = parse_number(text);
  if (!number) return Error{EINVAL, ""};
  return *number;
}

void add(machine::FileTree& tree, const char* name, uint16_t mode,
         std::function<std::string()> show, std::function<Result<void>(uint64_t)> store) {
  machine::FileFunctions functions{
      .read = [show = std::move(show)]() -> Result<std::string> { return show() + "\n"; },
      .write = [store = std::move(store)](const std::string& text) -> Result<void> {
        return store(TRY(number_of(text)));
      }};
  (void)tree.add(kFolder, machine::make_file(name, mode, std::move(functions)));
}

}  // namespace

void add_sysctl_files(machine::FileTree& tree, module::Loader& loader) {
  set_modprobe_path("/sbin/modprobe");
  machine::FileFunctions modprobe{
      .read = []() -> Result<std::string> { return modprobe_path() + "\n"; },
      .write = [](const std::string& text) -> Result<void> {
        set_modprobe_path(std::string_view(text).substr(0, text.find_first_of({"\n\0", 2})));
        return {};
      }};
  (void)tree.add(kFolder, machine::make_file("modprobe", 0644, std::move(modprobe)));
  // Bits are only added (proc_taint).
  add(
      tree, "tainted", 0644, [&] { return std::to_string(loader.registry().taints()); },
      [&](uint64_t bits) -> Result<void> {
        for (unsigned i = 0; i < 64; i++)
          if (bits >> i & 1) loader.registry().add_taint(static_cast<module::Taint>(i));
        return {};
      });
  // From 0 to 1 and never back.
  add(
      tree, "modules_disabled", 0644,
      [&] { return std::string(loader.options().modules_disabled ? "1" : "0"); },
      [&](uint64_t value) -> Result<void> {
        if (value != 1) return Error{EINVAL, ""};
        loader.options().modules_disabled = true;
        return {};
      });
}

}  // namespace ring3::kernel
