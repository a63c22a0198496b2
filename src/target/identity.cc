// SPDX-License-Identifier: GPL-2.0-only
#include "target/identity.h"

#include <fmt/format.h>

#include "target/macros.h"

namespace ring3::target {
namespace {

Macros macros_of(KernelTree& tree, const Config& config) {
  return Macros(config, [&tree](std::string_view header) { return tree.read_header(header); });
}

}  // namespace

std::string read_vermagic(KernelTree& tree, const Config& config, Diagnostics& diagnostics) {
  Macros macros = macros_of(tree, config);
  macros.define("INCLUDE_VERMAGIC");
  // scripts/Makefile.randstruct passes it as -DRANDSTRUCT.
  if (config.yes("CONFIG_RANDSTRUCT")) macros.define("RANDSTRUCT");
  if (macros.include("linux/vermagic.h"))
    if (auto text = macros.text("VERMAGIC_STRING"); text && text->starts_with(tree.release()))
      return *text;

  diagnostics.warning(fmt::format(
      "{}: no linux/vermagic.h in the headers of {}; its version magic is made from the "
      "configuration",
      tree.kdir(), tree.release()));
  std::string text = tree.release() + " ";
  if (config.yes("CONFIG_SMP")) text += "SMP ";
  if (config.yes("CONFIG_PREEMPT_BUILD") || config.yes("CONFIG_PREEMPT")) {
    text += "preempt ";
  } else if (config.yes("CONFIG_PREEMPT_RT")) {
    text += "preempt_rt ";
  }
  if (config.yes("CONFIG_MODULE_UNLOAD")) text += "mod_unload ";
  if (config.yes("CONFIG_MODVERSIONS")) text += "modversions ";
  return text;
}

std::string read_banner(KernelTree& tree, const Config& config,
                        std::string_view boot_image_version) {
  Macros macros = macros_of(tree, config);
  // UTS_VERSION moved from compile.h to utsversion.h with Linux 6.1 (2df8220cc511).
  for (const char* header : {"generated/utsversion.h", "generated/compile.h"})
    if (macros.include(header))
      if (auto version = macros.text("UTS_VERSION"); version && !version->empty())
        return tree.release() + " " + *version;
  // "RELEASE (who@host) #1 SMP ...": what stands in the boot image for people to read.
  if (boot_image_version.starts_with(tree.release()))
    if (size_t hash = boot_image_version.find('#'); hash != std::string_view::npos)
      return fmt::format("{} {}", tree.release(), boot_image_version.substr(hash));
  return tree.release();
}

std::vector<CpuFeature> read_cpu_features(KernelTree& tree, const Config& config,
                                          Diagnostics& diagnostics) {
  Macros macros = macros_of(tree, config);
  std::vector<CpuFeature> features;
  if (macros.include("asm/cpufeatures.h")) {
    for (const auto& [name, macro] : macros.all()) {
      if (!name.starts_with("X86_FEATURE_") && !name.starts_with("X86_BUG_")) continue;
      auto number = macros.number(name);
      if (number && *number >= 0 && *number <= UINT32_MAX)
        features.push_back({name, static_cast<uint32_t>(*number)});
    }
  }
  if (features.empty())
    diagnostics.warning(
        fmt::format("{}: no asm/cpufeatures.h in the headers of {}", tree.kdir(), tree.release()));
  return features;
}

}  // namespace ring3::target
