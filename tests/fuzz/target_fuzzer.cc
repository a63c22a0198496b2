// SPDX-License-Identifier: GPL-2.0-only
// Readers of src/target under libFuzzer. The first byte chooses: a compiled file (its checksum
// repaired, so that the fuzzer gets behind it), a configuration and a header for the macro reader,
// a boot image or ELF file or a list of certificates. BTF and Module.symvers have fuzzers of their
// own.
#include <cstring>

#include "ask_target.h"
#include "target/boot_image.h"
#include "target/certificates.h"
#include "target/compiled_target.h"
#include "target/config.h"
#include "target/elf_section.h"
#include "target/macros.h"

using namespace ring3;
using namespace ring3::target;

namespace {

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

void fuzz_macros(Bytes bytes) {
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
  switch (data[0] % 3) {
    case 0:
      fuzz_compiled(bytes);
      break;
    case 1:
      fuzz_macros(bytes);
      break;
    default:
      (void)find_section(bytes, ".BTF", "fuzz");
      (void)find_certificate_list(bytes);
      if (auto image = parse_boot_image(bytes, "fuzz")) (void)unpack_boot_image(*image, "fuzz");
  }
  return 0;
}
