// SPDX-License-Identifier: GPL-2.0-only
// Against the two kernels that this project is tested with, linux-headers-RELEASE and
// linux-image-RELEASE installed.
#include "target/target.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encode.h"
#include "base/text.h"
#include "host/file.h"
#include "target/test_targets.h"

namespace ring3::target {
namespace {

std::string tool(const std::vector<std::string>& arguments) {
  auto result = host::run_command(arguments);
  EXPECT_TRUE(result.ok() && result->status == 0) << arguments[0];
  return result ? result->output : "";
}

TEST(Target, knows_prototypes_of_exports) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    EXPECT_EQ("i4s(p(i1),...)", target.find_export("_printk")->prototype);
    EXPECT_EQ("v(p(v))", target.find_export("kfree")->prototype);
    EXPECT_EQ("i1b(i4s,p(workqueue_struct),p(work_struct))",
              target.find_export("queue_work_on")->prototype);
    EXPECT_EQ("i4s(i4u,i4u,i4u,p(i1),p(file_operations))",
              target.find_export("__register_chrdev")->prototype);
    EXPECT_EQ("v(i4u,i4u,i4u,p(i1))", target.find_export("__unregister_chrdev")->prototype);
    EXPECT_EQ("i4s(p(i4u),i4u,i4u,p(i1))", target.find_export("alloc_chrdev_region")->prototype);
    EXPECT_EQ("i4s(i4u,i4u,p(i1))", target.find_export("register_chrdev_region")->prototype);
    EXPECT_EQ("v()", target.find_export("__fentry__")->prototype) << "assembly";
    EXPECT_EQ("", target.find_export("jiffies")->prototype) << "data";
  }
}

TEST(Target, tells_the_two_kernels_apart_by_prototype) {
  EXPECT_EQ("p(class)(p(module),p(i1),p(lock_class_key))",
            installed(k61).prototype("__class_create"));
  EXPECT_FALSE(installed(k61).find_export("class_create"));
  EXPECT_EQ("p(class)(p(i1))", installed(k612).find_export("class_create")->prototype);
  EXPECT_FALSE(installed(k612).find_export("__class_create"));
}

TEST(Target, tells_prototypes_in_c) {
  const Target& target = installed(k61);
  EXPECT_EQ("void *kmalloc_trace(struct kmem_cache *, gfp_t, size_t)",
            target.find_export("kmalloc_trace")->declaration);
  EXPECT_EQ("int _printk(const char *, ...)", target.find_export("_printk")->declaration);
  EXPECT_EQ("void kfree(const void *)", target.find_export("kfree")->declaration);
  EXPECT_EQ(
      "int request_threaded_irq(unsigned int, irq_handler_t, irq_handler_t, long unsigned int, "
      "const char *, void *)",
      target.find_export("request_threaded_irq")->declaration);
  EXPECT_EQ(
      "void on_each_cpu_cond_mask(smp_cond_func_t, smp_call_func_t, void *, bool, "
      "const struct cpumask *)",
      target.find_export("on_each_cpu_cond_mask")->declaration);
}

TEST(Target, exports_are_those_of_module_symvers) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    auto file = host::read_file(std::string(target.kdir()) + "/Module.symvers");
    ASSERT_TRUE(file.ok());
    size_t vmlinux = 0;
    for_each_line(as_text(*file), [&](std::string_view line) {
      std::string_view rest = line;
      std::string_view crc = take_field(rest, '\t'), name = take_field(rest, '\t');
      std::string_view module = take_field(rest, '\t'), kind = take_field(rest, '\t');
      vmlinux += module == "vmlinux";
      auto found = target.find_any_export(name);
      ASSERT_TRUE(found) << line;
      EXPECT_EQ(parse_number(crc), found->crc) << line;
      EXPECT_EQ(module, found->module) << line;
      EXPECT_EQ(kind == "EXPORT_SYMBOL_GPL", found->gpl_only) << line;
      EXPECT_EQ(rest, found->name_space) << line;
      EXPECT_EQ(module == "vmlinux", target.find_export(name).has_value()) << line;
    });
    std::vector<Export> exports = target.exports();
    EXPECT_EQ(vmlinux, exports.size());
    EXPECT_TRUE(std::is_sorted(exports.begin(), exports.end(),
                               [](const Export& a, const Export& b) { return a.name < b.name; }));
    EXPECT_FALSE(target.find_any_export("no_such_export"));
  }
}

TEST(Target, nine_of_ten_exports_have_a_prototype) {
  for (const char* release : kReleases) {
    size_t with = 0;
    std::vector<Export> exports = installed(release).exports();
    for (const Export& e : exports) {
      with += !e.prototype.empty();
      if (!e.prototype.empty()) {
        EXPECT_TRUE(e.prototype.ends_with(")")) << e.name << e.prototype;
      }
    }
    EXPECT_GT(with * 10, exports.size() * 9) << release;
  }
}

TEST(Target, finds_fields_by_path) {
  const Target &old = installed(k61), &now = installed(k612);
  EXPECT_EQ("p(fn)", old.field("module", "init")->type);
  EXPECT_EQ("a56[i1]", now.field("module", "name")->type);
  EXPECT_EQ("p(v)", old.field("module", "core_layout.base")->type);
  EXPECT_FALSE(now.field("module", "core_layout.base"));
  EXPECT_FALSE(old.field("module", "mem"));
  EXPECT_TRUE(now.field("module", "mem")->type.starts_with("a7[s"))
      << now.field("module", "mem")->type;
  for (const Target* target : {&old, &now}) {
    EXPECT_EQ(8u, target->field("list_head", "prev")->offset);
    EXPECT_EQ("p(list_head)", target->field("list_head", "prev")->type);
    EXPECT_EQ(target->field("module", "list")->offset + 8,
              target->field("module", "list.prev")->offset);
    EXPECT_EQ("s16(list_head)", target->field("work_struct", "entry")->type);
    EXPECT_EQ("s8(atomic64_t)", target->field("work_struct", "data")->type);
    EXPECT_EQ("s4(kuid_t)", target->field("cred", "uid")->type);
    EXPECT_FALSE(target->field("list_head", "next.prev")) << "a pointer is not looked through";
    EXPECT_FALSE(target->field("list_head", ""));
    EXPECT_FALSE(target->field("no_such_struct", "next"));
  }
}

std::vector<std::string> names_of(const std::vector<BuiltinModule>& modules) {
  std::vector<std::string> names;
  for (const BuiltinModule& module : modules) names.emplace_back(module.name);
  return names;
}

TEST(Target, names_what_is_built_in) {
  for (const char* release : kReleases) {
    auto names = names_of(installed(release).builtin_modules());
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    for (const char* name : {"kernel", "module", "printk", "workqueue"})
      EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << release << ' ' << name;
    EXPECT_FALSE(std::binary_search(names.begin(), names.end(), "ext4")) << release;
  }
  TestKernel kernel;
  EXPECT_TRUE((*kernel.open())->builtin_modules().empty());
  using namespace std::literals;
  kernel.write("modules.builtin.modinfo",
               "b.license=GPL\0b.parmtype=x.y:int\0a.version=1\0c.file=c\0broken\0"sv);
  auto opened = kernel.open();
  auto modules = (*opened)->builtin_modules();
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), names_of(modules));
  EXPECT_EQ("1", modules[0].version);
  EXPECT_EQ("", modules[1].version);
}

TEST(Target, looks_through_anonymous_members) {
  // struct page: flags, then a union of structs without names.
  for (const char* release : kReleases) {
    auto lru = installed(release).field("page", "lru"),
         mapping = installed(release).field("page", "mapping");
    ASSERT_TRUE(lru && mapping);
    EXPECT_EQ(8u, lru->offset);
    EXPECT_EQ("s16(list_head)", lru->type);
    EXPECT_EQ(24u, mapping->offset);
  }
}

TEST(Target, knows_sizes_of_tags_and_typedefs) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    EXPECT_EQ(16u, target.size_of("list_head"));
    EXPECT_EQ(4u, target.size_of("atomic_t"));
    EXPECT_EQ(4u, target.size_of("gfp_t"));
    EXPECT_EQ(target.size_of("spinlock"), target.size_of("spinlock_t"));
    EXPECT_FALSE(target.size_of("no_such_type"));
  }
  EXPECT_EQ(64u, installed(k612).size_of("pcpu_hot"));
  EXPECT_FALSE(installed(k61).size_of("pcpu_hot"));
  EXPECT_EQ("struct pcpu_hot pcpu_hot", installed(k612).find_export("pcpu_hot")->declaration);
}

TEST(Target, knows_enumerators) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    EXPECT_EQ(0, target.enumerator("MODULE_STATE_LIVE"));
    EXPECT_EQ(1, target.enumerator("MODULE_STATE_COMING"));
    EXPECT_EQ(0, target.enumerator("HRTIMER_NORESTART"));
    EXPECT_EQ(4, target.enumerator("PIDTYPE_MAX"));
    EXPECT_FALSE(target.enumerator("NO_SUCH_ENUMERATOR"));
  }
}

TEST(Target, reads_the_configuration) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    EXPECT_EQ("250", target.config("CONFIG_HZ"));
    EXPECT_EQ("y", target.config("CONFIG_SMP"));
    EXPECT_EQ("m", target.config("CONFIG_DUMMY"));
    EXPECT_EQ("(none)", target.config("CONFIG_DEFAULT_HOSTNAME"));
    EXPECT_FALSE(target.config("CONFIG_NO_SUCH_OPTION"));
    EXPECT_FALSE(target.config("CONFIG_KASAN")) << "is not set";
  }
}

TEST(Target, vermagic_is_that_of_its_modules) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    std::string expected = tool({"modinfo", "-k", release, "-F", "vermagic", "dummy"});
    EXPECT_EQ(expected, std::string(target.vermagic()) + "\n");
    EXPECT_EQ(release, release_of_vermagic(target.vermagic()));
    EXPECT_EQ(release, target.release());
  }
}

TEST(Target, banner_is_that_of_the_boot_image) {
  for (const char* release : kReleases) {
    std::string image = tool({"file", "-L", std::string("/boot/vmlinuz-") + release});
    std::string_view banner = installed(release).banner();
    ASSERT_TRUE(banner.starts_with(release)) << banner;
    std::string_view version = banner.substr(banner.find('#'));
    EXPECT_NE(std::string::npos, image.find(version)) << image << banner;
  }
}

TEST(Target, numbers_cpu_features_as_its_headers_do) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    EXPECT_EQ(0u, target.cpu_feature("FPU"));
    EXPECT_EQ(9u * 32 + 20, target.cpu_feature("SMAP"));
    EXPECT_EQ(9u * 32 + 20, target.cpu_feature("X86_FEATURE_SMAP"));
    // The bugs come behind the NCAPINTS (22 in both) words of features.
    EXPECT_EQ(22u * 32 + 19, target.cpu_feature("X86_BUG_MDS"));
    EXPECT_FALSE(target.cpu_feature("NO_SUCH_FEATURE"));
  }
}

TEST(Target, says_where_its_types_come_from) {
  EXPECT_EQ("boot image: /boot/vmlinuz-6.1.0-56-amd64", installed(k61).btf_source());
  EXPECT_EQ("vmlinux: /usr/src/linux-headers-6.12.117+deb12-amd64/vmlinux",
            installed(k612).btf_source());
}

TEST(Target, a_missing_kernel_names_its_package) {
  OpenOptions options;
  options.release = "5.5.5-none";
  options.cache_dir = shared_cache();
  IgnoreDiagnostics diagnostics;
  auto opened = Target::open(options, diagnostics);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(std::string::npos, opened.error().text.find("linux-headers-5.5.5-none"))
      << opened.error().text;
  options.release = k61;
  options.kdir = std::string("/lib/modules/") + k612 + "/build";
  opened = Target::open(options, diagnostics);
  ASSERT_FALSE(opened.ok()) << "the folder of another release";
}

}  // namespace
}  // namespace ring3::target
