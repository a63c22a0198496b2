// SPDX-License-Identifier: GPL-2.0-only
// Loads that fail, in a live machine: every allocation in turn, and files that a compiler does not
// make. Whatever fails, the answer is an errno and nothing is left behind.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "debug/traps.h"
#include "elf/view.h"
#include "link/module_space.h"
#include "linux/init/main.h"
#include "machine/memory/memory.h"
#include "module/system_calls.h"

namespace ring3 {
namespace {

constexpr const char* kReleases[] = {"6.1.0-56-amd64", "6.12.117+deb12-amd64"};

// One machine at a time can live in a process.
class LoaderTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    IgnoreDiagnostics ignore;
    auto target = target::Target::open({.release = GetParam()}, ignore);
    if (!target) GTEST_SKIP() << target.error().text;
    target_ = target.take();
    kernel::KernelOptions options{.cpus = 1, .ram_size = 64ull << 20};
    options.log.sink = [](void* said, const machine::LogRecordView& record) {
      *static_cast<std::string*>(said) += fmt::format("{}\n", record.text);
    };
    options.log.sink_context = &said_;
    auto kernel = kernel::Kernel::start(*target_, options);
    ASSERT_TRUE(kernel.ok()) << kernel.error().text;
    kernel_ = kernel.take();
    traps_ = std::make_unique<debug::Traps>(*kernel_);
  }

  std::vector<std::byte> read(const char* name) {
    auto file =
        elf::read_module_file(fmt::format("{}/{}/{}.ko", RING3_TEST_MODULES, GetParam(), name));
    EXPECT_TRUE(file.ok()) << name;
    return file ? std::move(file->bytes) : std::vector<std::byte>();
  }

  struct Books {
    uint64_t module_space, objects;
    bool operator==(const Books&) const = default;
  };
  static Books books() {
    uint64_t objects = 0;
    machine::heap().for_each_object(link::kModuleSpaceBase, link::kModuleSpaceEnd,
                                    [&](const machine::HeapObject&) { objects++; });
    return {link::ModuleSpace::instance().bytes_in_use(), objects};
  }

  // Loads, and removes what was loaded; the load's errno, 0 if it succeeded.
  int load(Bytes file, const std::string& arguments) {
    int error = 0;
    said_.clear();
    EXPECT_TRUE(kernel_->run("insmod", [&] {
      auto module = kernel_->loader().load(file, arguments);
      machine::allocation_fail_point().off();
      if (!module) {
        error = module.error().code;
        said_ += module.error().text;
      } else {
        EXPECT_TRUE(kernel_->loader().unload((*module)->name).ok());
      }
    })) << said_;
    return error;
  }

  // Makes the first allocation fail, then the second, until the load needs no more; how many.
  uint64_t fail_each(const char* name, const std::string& arguments) {
    auto file = read(name);
    EXPECT_EQ(0, load(file, arguments)) << said_;
    Books before = books();
    for (uint64_t n = 1;; n++) {
      machine::allocation_fail_point().fail_nth(n);
      int error = load(file, arguments);
      EXPECT_EQ(before, books()) << name << ": allocation " << n;
      bool failed = machine::allocation_fail_point().failed() > 0;
      EXPECT_EQ(failed ? ENOMEM : 0, error) << name << ": allocation " << n;
      if (!failed) return n - 1;
    }
  }

  std::string said_;
  std::unique_ptr<target::Target> target_;
  std::unique_ptr<kernel::Kernel> kernel_;
  std::unique_ptr<debug::Traps> traps_;
};

TEST_P(LoaderTest, every_allocation_that_fails_is_ENOMEM) {
  EXPECT_EQ(1u, fail_each("hello", "")) << "the module's memory";
  EXPECT_EQ(4u, fail_each("percpu_variables", "")) << "its per-CPU memory, and what its init wants";
  EXPECT_EQ(4u, fail_each("params_array", "words=one,two,three")) << "and three strings";
}

TEST_P(LoaderTest, memory_that_was_refused_is_told_as_Linux_does) {
  auto file = read("percpu_variables");
  machine::allocation_fail_point().fail_nth(2);
  EXPECT_EQ(ENOMEM, load(file, ""));
  EXPECT_NE(said_.npos, said_.find("percpu_variables: Could not allocate ")) << said_;
}

// Linux reads tables at odd addresses; nobody writes such a file.
TEST_P(LoaderTest, tables_at_odd_addresses_are_refused) {
  auto file = read("params_kinds");
  auto* header = reinterpret_cast<Elf64_Ehdr*>(file.data());
  auto* sections = reinterpret_cast<Elf64_Shdr*>(file.data() + header->e_shoff);
  for (unsigned i = 1; i < header->e_shnum; i++) sections[i].sh_addralign = 1;
  Books before = books();
  EXPECT_EQ(ENOEXEC, load(file, ""));
  EXPECT_NE(said_.npos, said_.find("its entries need an alignment of")) << said_;
  EXPECT_EQ(before, books());
}

TEST_P(LoaderTest, notes_in_init_memory_are_not_shown) {
  auto file = read("init_sections");
  auto* header = reinterpret_cast<Elf64_Ehdr*>(file.data());
  auto* sections = reinterpret_cast<Elf64_Shdr*>(file.data() + header->e_shoff);
  const char* names = reinterpret_cast<char*>(file.data() + sections[header->e_shstrndx].sh_offset);
  for (unsigned i = 1; i < header->e_shnum; i++)
    if (std::string_view(names + sections[i].sh_name) == ".init.data")
      sections[i].sh_type = SHT_NOTE;
  kernel_->run("insmod", [&] {
    ASSERT_TRUE(kernel_->loader().load(file, "").ok());
    auto notes = kernel_->files().list("/sys/module/init_sections/notes");
    ASSERT_TRUE(notes.ok());
    for (const machine::File& note : *notes) {
      EXPECT_NE(".init.data", note->name);
      EXPECT_TRUE(kernel_->files().read("/sys/module/init_sections/notes/" + note->name).ok());
    }
    EXPECT_TRUE(kernel_->loader().unload("init_sections").ok());
  });
}

// More text than a file of sysfs can show ends with the page.
TEST_P(LoaderTest, an_array_shows_no_more_than_a_page) {
  auto file = read("params_long");
  std::string arguments = "words=" + std::string(1000, 'a');
  for (int i = 1; i < 8; i++) arguments += "," + std::string(1000, 'a');
  kernel_->run("insmod", [&] {
    ASSERT_TRUE(kernel_->loader().load(file, arguments).ok());
    auto words = kernel_->files().read("/sys/module/params_long/parameters/words");
    ASSERT_TRUE(words.ok());
    EXPECT_EQ(4095u, words->size());
    EXPECT_EQ(arguments.substr(6, 4095), *words);
    EXPECT_TRUE(kernel_->loader().unload("params_long").ok());
  });
}

INSTANTIATE_TEST_SUITE_P(, LoaderTest, testing::ValuesIn(kReleases), [](const auto& info) {
  return info.param[2] == '1' && info.param[3] == '.' ? "Linux61" : "Linux612";
});

}  // namespace
}  // namespace ring3
