// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/btf.h>
#include <elf.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "host/file.h"
#include "target/test_targets.h"

namespace ring3::target {

const Target& installed(const std::string& release) {
  static std::map<std::string, std::unique_ptr<Target>> open;
  std::unique_ptr<Target>& target = open[release];
  if (!target) {
    CollectDiagnostics diagnostics;
    OpenOptions options;
    options.release = release;
    options.cache_dir = shared_cache();
    auto opened = Target::open(options, diagnostics);
    if (!opened) {
      fmt::print(stderr, "cannot open {}: {}\n", release, opened.error().text);
      std::abort();
    }
    target = opened.take();
  }
  return *target;
}

std::vector<std::byte> test_btf() {
  struct btf* btf = btf__new_empty();
  int int4 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
  int uint4 = btf__add_int(btf, "unsigned int", 4, 0);
  int ulong8 = btf__add_int(btf, "long unsigned int", 8, 0);
  int char1 = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
  int bool1 = btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL);
  int double8 = btf__add_float(btf, "double", 8);
  int const_char = btf__add_const(btf, char1);
  int string = btf__add_ptr(btf, const_char);
  int void_pointer = btf__add_ptr(btf, 0);
  int size_type = btf__add_typedef(btf, "size_t", ulong8);
  int forward = btf__add_fwd(btf, "elsewhere", BTF_FWD_STRUCT);
  int forward_pointer = btf__add_ptr(btf, forward);
  int color = btf__add_enum(btf, "color", 4);
  btf__add_enum_value(btf, "RED", 1);
  btf__add_enum_value(btf, "NONE", -1);
  int wide = btf__add_enum64(btf, "wide", 8, false);
  btf__add_enum64_value(btf, "WIDE", 0x8000'0000'0000'0001);
  int packed = btf__add_enum(btf, "packed", 1);
  btf__add_enum_value(btf, "SMALL", 200);

  int anonymous_struct = btf__add_struct(btf, nullptr, 4);
  btf__add_field(btf, "val", uint4, 0, 0);
  int kuid = btf__add_typedef(btf, "kuid_t", anonymous_struct);
  int inner = btf__add_union(btf, nullptr, 8);
  btf__add_field(btf, "as_long", ulong8, 0, 0);
  btf__add_field(btf, "as_uid", kuid, 0, 0);
  int ten_chars = btf__add_array(btf, int4, char1, 10);
  int callback = btf__add_func_proto(btf, int4);
  btf__add_func_param(btf, nullptr, void_pointer);
  int callback_pointer = btf__add_ptr(btf, callback);

  int widget = btf__add_struct(btf, "widget", 64);
  btf__add_field(btf, "id", int4, 0, 0);
  btf__add_field(btf, "low", uint4, 32, 3);
  btf__add_field(btf, "high", uint4, 35, 29);
  btf__add_field(btf, "", inner, 64, 0);
  btf__add_field(btf, "owner", kuid, 128, 0);
  btf__add_field(btf, "name", ten_chars, 160, 0);
  btf__add_field(btf, "call", callback_pointer, 256, 0);
  btf__add_field(btf, "far", forward_pointer, 320, 0);
  btf__add_field(btf, "color", color, 384, 0);
  btf__add_field(btf, "on", bool1, 416, 0);
  int widget_pointer = btf__add_ptr(btf, widget);
  int tagged = btf__add_type_tag(btf, "user", widget);
  int tagged_pointer = btf__add_ptr(btf, tagged);

  auto function = [&](const char* name, int result, std::vector<int> parameters) {
    int prototype = btf__add_func_proto(btf, result);
    for (int parameter : parameters) btf__add_func_param(btf, nullptr, parameter);
    btf__add_func(btf, name, BTF_FUNC_GLOBAL, prototype);
  };
  function("say", int4, {string, 0});
  function("make", widget_pointer, {kuid, size_type, color, bool1});
  function("watch", 0, {tagged_pointer, callback_pointer, wide, packed, double8});
  function("entry", 0, {});

  uint32_t size = 0;
  const void* data = btf__raw_data(btf, &size);
  auto* bytes = static_cast<const std::byte*>(data);
  std::vector<std::byte> blob(bytes, bytes + size);
  btf__free(btf);
  return blob;
}

std::string elf_with_section(std::string_view name, Bytes content) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  header.e_shstrndx = 2;
  std::string names = std::string(1, '\0') + std::string(name) + '\0';
  Elf64_Shdr sections[3]{};
  sections[1].sh_name = 1;
  sections[1].sh_type = SHT_PROGBITS;
  sections[1].sh_offset = sizeof(header);
  sections[1].sh_size = content.size();
  sections[2].sh_type = SHT_STRTAB;
  sections[2].sh_offset = sizeof(header) + content.size();
  sections[2].sh_size = names.size();
  header.e_shoff = sections[2].sh_offset + names.size();
  std::string file(reinterpret_cast<const char*>(&header), sizeof(header));
  file += as_text(content);
  file += names;
  file.append(reinterpret_cast<const char*>(sections), sizeof(sections));
  return file;
}

TestKernel::TestKernel() : folder_(host::TemporaryFolder::create("ring3-test-kernel-").take()) {
  options.kdir = folder_.path() + "/kdir";
  options.cache_dir = folder_.path() + "/cache";
  places.modules = folder_.path() + "/modules";
  places.boot = folder_.path() + "/boot";
  places.running_btf = folder_.path() + "/btf";
  places.running_notes = folder_.path() + "/notes";
  places.running_release = "9.9.9-running";
  write("include/generated/utsrelease.h", "#define UTS_RELEASE \"9.8.7-test\"\n");
  write(".config",
        "CONFIG_SMP=y\nCONFIG_HZ=300\nCONFIG_TEXT=\"a text\"\n# CONFIG_OFF is not set\n");
  write("Module.symvers",
        "0x00000001\tsay\tvmlinux\tEXPORT_SYMBOL\t\n"
        "0x00000002\tmake\tvmlinux\tEXPORT_SYMBOL_GPL\tWIDGETS\n"
        "0x00000003\tlate\tdrivers/late\tEXPORT_SYMBOL_GPL\t\n");
  write("include/linux/vermagic.h",
        "#include <generated/utsrelease.h>\n"
        "#ifdef CONFIG_SMP\n#define SMP_PART \"SMP \"\n#else\n#define SMP_PART \"\"\n#endif\n"
        "#define VERMAGIC_STRING UTS_RELEASE \" \" \\\n\tSMP_PART\n");
  write("include/asm/cpufeatures.h", "#define X86_FEATURE_FPU (0*32 + 0)\n");
  write("vmlinux", elf_with_section(".BTF", test_btf()));
}

void TestKernel::write(const std::string& name, std::string_view content) const {
  ASSERT_TRUE(host::write_file_atomically(path(name), as_bytes(content)).ok());
}

std::string TestKernel::cache_file() const {
  auto listed = host::run_command({"find", options.cache_dir, "-type", "f"});
  if (!listed) return {};
  std::string path = listed->output.substr(0, listed->output.find('\n'));
  EXPECT_EQ(path.size() + 1, listed->output.size()) << "not one file: " << listed->output;
  return path;
}

void ask_everything(const Target& target) {
  size_t total = target.release().size() + target.vermagic().size() + target.kdir().size() +
                 target.btf_source().size() + target.banner().size();
  for (const Export& e : target.exports()) total += e.prototype.size() + e.declaration.size();
  for (const char* name : {"say", "make", "late", "watch", "entry", "nothing"}) {
    if (auto found = target.find_any_export(name)) total += found->module.size();
    if (auto found = target.find_export(name)) total += found->name_space.size();
    total += target.prototype(name).value_or("").size();
  }
  for (const char* type : {"widget", "kuid_t", "int", "color", "nothing"}) {
    total += target.size_of(type).value_or(0);
    for (const char* path : {"id", "low", "high", "as_uid.val", "name", "call", "x.y", "", "."})
      if (auto found = target.field(type, path)) total += found->type.size();
  }
  for (const char* name : {"RED", "WIDE", "NONE"}) total += target.enumerator(name).has_value();
  total += target.config("CONFIG_HZ").value_or("").size();
  total += target.cpu_feature("FPU").has_value();
  volatile size_t sink = total;
  (void)sink;
}

}  // namespace ring3::target
