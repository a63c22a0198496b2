// SPDX-License-Identifier: GPL-2.0-only
// BTF: verified (btf_check.cc), read by libbpf, compiled into a target and asked. What the check
// lets through must be safe to walk, and what we compile we must be able to read.
#include "ask_target.h"
#include "target/btf.h"
#include "target/compile.h"
#include "target/compiled_target.h"
#include "target/config.h"
#include "target/symvers.h"

using namespace ring3;
using namespace ring3::target;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Bytes in memory of their own size: one byte read too much is seen by asan.
  std::vector<std::byte> bytes(reinterpret_cast<const std::byte*>(data),
                               reinterpret_cast<const std::byte*>(data) + size);
  auto btf = Btf::parse(bytes, "fuzz");
  if (!btf) return 0;
  std::vector<SymversLine> exports(1);
  exports[0].name = "say";
  exports[0].module = "vmlinux";
  Config config;
  std::vector<CpuFeature> features;
  BuiltinModules builtin;
  Sources sources{"r", "v", "k", "s", "b", exports, config, features, builtin, **btf, {}};
  auto compiled = compile_target(sources);
  if (!compiled) return 0;
  auto target = CompiledTarget::open(compiled.take(), "fuzz");
  if (!target) __builtin_trap();
  ask(**target);
  return 0;
}
