// SPDX-License-Identifier: GPL-2.0-only
// Writes the seeds of btf_fuzzer, symvers_fuzzer and target_fuzzer (there behind the byte that
// chooses the reader): the small kernel of the unit tests in the forms that it has.
//
//   target_seeds tests/corpus
#include <fmt/format.h>

#include "host/file.h"
#include "target/test_targets.h"

namespace {

using namespace ring3;

std::string text(Bytes bytes) { return std::string(as_text(bytes)); }

// As far as the boot protocol's header says where the packed kernel lies.
std::string boot_image(std::string_view kernel) {
  std::string image(1024, '\0');
  auto put = [&](size_t at, uint32_t value, size_t size) { std::memcpy(&image[at], &value, size); };
  put(0x1f1, 1, 1);           // one sector of setup
  put(0x202, 0x53726448, 4);  // HdrS
  put(0x206, 0x20f, 2);       // protocol
  put(0x20e, 0x100, 2);       // where the version's text is, less 0x200
  put(0x248, 0, 4);           // payload_offset
  put(0x24c, static_cast<uint32_t>(kernel.size()), 4);
  image.replace(0x300, 5, "6.1.0");
  return image + std::string(kernel);
}

// system_certificate_list of one certificate in outline, with both sizes behind it.
std::string certificate_list() {
  std::string list("\x30\x82\x01\x0c\x30\x82\x01\x00", 8);
  list += std::string(0x100, 'c') + std::string("\x30\x02\x05\x00\x03\x02\x00\x01", 8);
  uint64_t size = list.size();
  std::string sizes(reinterpret_cast<char*>(&size), sizeof(size));
  list.resize((list.size() + 7) / 8 * 8);
  return list + sizes + sizes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: target_seeds FOLDER\n");
    return 2;
  }
  target::TestKernel kernel;
  auto opened = kernel.open();
  auto compiled = host::read_file(kernel.cache_file());
  auto symvers = host::read_file(kernel.path("Module.symvers"));
  if (!opened || !compiled || !symvers) return 1;
  std::string btf = text(target::test_btf());
  std::string elf = target::elf_with_section(".BTF", target::test_btf());
  const std::pair<const char*, std::string> seeds[] = {
      {"btf/btf", btf},
      {"target/compiled", std::string("\0", 1) + text(*compiled)},
      {"symvers/symvers", text(*symvers)},
      {"target/header",
       "\1#define A 1\n#define B (A << 4)\n#if defined(CONFIG_HZ) && B > 3\n#define C "
       "\"text\" \"more\"\n#else\n#undef A\n#endif\nCONFIG_HZ=250\nCONFIG_SMP=y\n"},
      {"target/elf", "\2" + elf},
      {"target/boot_image", "\2" + boot_image(elf)},
      {"target/certificates", "\2" + certificate_list()},
  };
  for (const auto& [name, content] : seeds) {
    auto written =
        host::write_file_atomically(fmt::format("{}/{}", argv[1], name), as_bytes(content));
    if (written) continue;
    fmt::print(stderr, "{}\n", written.error().text);
    return 1;
  }
  return 0;
}
