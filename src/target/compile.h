// SPDX-License-Identifier: GPL-2.0-only
// Writes the compiled target (target/format.h) from what was read.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/btf.h"
#include "target/config.h"
#include "target/identity.h"
#include "target/symvers.h"
#include "target/target.h"

namespace ring3::target {

// One file that the target was made from, as it was found.
struct InputState {
  std::string path;
  bool exists = false;
  uint64_t size = 0;
  uint64_t stamp = 0;
  bool operator==(const InputState&) const = default;
};

struct Sources {
  std::string release, vermagic, kdir, btf_source, banner;
  const std::vector<SymversLine>& exports;
  const Config& config;
  const std::vector<CpuFeature>& cpu_features;
  const BuiltinModules& builtin;
  const Btf& btf;
  std::vector<InputState> inputs;
};

Result<std::vector<std::byte>> compile_target(const Sources& sources);

}  // namespace ring3::target
