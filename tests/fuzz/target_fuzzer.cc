// SPDX-License-Identifier: GPL-2.0-only
// The readers of src/target under libFuzzer. The first byte chooses: BTF (compiled and asked),
// a compiled file (its checksum repaired, so that the fuzzer gets behind it), symvers with a
// configuration and a header for the macro reader, a boot image or ELF file or a list of
// certificates.
#include <cstring>

#include "base/diagnostics.h"
#include "target/boot_image.h"
#include "target/certificates.h"
#include "target/compile.h"
#include "target/compiled_target.h"
#include "target/elf_section.h"
#include "target/macros.h"
#include "target/symvers.h"

using namespace ring3;
using namespace ring3::target;

namespace {

void ask(const Target& target) {
  for (const Export& e : target.exports()) (void)target.find_any_export(e.name);
  for (const char* type : {"widget", "list_head", "int"}) {
    (void)target.size_of(type);
    for (const char* path : {"id", "next.prev", "as_uid.val", ""}) (void)target.field(type, path);
  }
  (void)target.prototype("say");
  (void)target.enumerator("RED");
  (void)target.config("CONFIG_HZ");
  (void)target.cpu_feature("FPU");
}

void fuzz_btf(Bytes bytes) {
  auto btf = Btf::parse(bytes, "fuzz");
  if (!btf) return;
  std::vector<SymversLine> exports(1);
  exports[0].name = "say";
  exports[0].module = "vmlinux";
  Config config;
  std::vector<CpuFeature> features;
  Sources sources{"r", "v", "k", "s", "b", exports, config, features, **btf, {}};
  auto compiled = compile_target(sources);
  if (!compiled) return;
  auto target = CompiledTarget::open(compiled.take(), "fuzz");
  if (!target) __builtin_trap();  // what we write we must be able to read
  ask(**target);
}

void fuzz_compiled(Bytes bytes) {
  std::vector<std::byte> file(bytes.begin(), bytes.end());
  if (file.size() >= sizeof(format::Header)) {
    uint64_t sum = format::checksum(file);
    std::memcpy(file.data() + offsetof(format::Header, checksum), &sum, sizeof(sum));
    uint64_t size = file.size();
    std::memcpy(file.data() + offsetof(format::Header, file_size), &size, sizeof(size));
    sum = format::checksum(file);
    std::memcpy(file.data() + offsetof(format::Header, checksum), &sum, sizeof(sum));
  }
  if (auto target = CompiledTarget::open(std::move(file), "fuzz")) ask(**target);
}

void fuzz_text(Bytes bytes) {
  IgnoreDiagnostics ignore;
  (void)parse_symvers(as_text(bytes), "fuzz", ignore);
  Config config{std::string(as_text(bytes))};
  Macros macros(config, [&](std::string_view) { return std::string(as_text(bytes)); });
  macros.include("header");
  for (const auto& [name, macro] : macros.all()) {
    (void)macros.number(name);
    (void)macros.text(name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Bytes bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      fuzz_btf(bytes);
      break;
    case 1:
      fuzz_compiled(bytes);
      break;
    case 2:
      fuzz_text(bytes);
      break;
    default:
      (void)find_section(bytes, ".BTF", "fuzz");
      (void)find_certificate_list(bytes);
      if (auto image = parse_boot_image(bytes, "fuzz")) (void)unpack_boot_image(*image, "fuzz");
  }
  return 0;
}
