// SPDX-License-Identifier: GPL-2.0-only
#include "machine/file_tree.h"

#include <gtest/gtest.h>

#include "machine/machine.h"
#include "machine/parking.h"

namespace ring3::machine {
namespace {

File text_file(std::string name, std::string text, uint16_t mode = 0444) {
  return make_file(std::move(name), mode,
                   {.read = [text]() -> Result<std::string> { return text; }});
}

TEST(FileTree, reads_what_was_added_and_makes_folders_on_the_way) {
  FileTree tree;
  ASSERT_TRUE(tree.add("/proc/sys/kernel", text_file("tainted", "0\n")));
  EXPECT_EQ("0\n", *tree.read("/proc/sys/kernel/tainted"));
  EXPECT_EQ(EISDIR, tree.read("/proc/sys").error().code);
  EXPECT_EQ(ENOENT, tree.read("/proc/sys/net").error().code);
  EXPECT_EQ(ENOTDIR, tree.read("/proc/sys/kernel/tainted/x").error().code);
  EXPECT_EQ(EEXIST, tree.add("/proc/sys", text_file("kernel", "")).error().code);
}

TEST(FileTree, follows_links_from_where_they_lie) {
  FileTree tree;
  ASSERT_TRUE(tree.add("/sys/module/a", text_file("refcnt", "1\n")));
  ASSERT_TRUE(tree.add("/sys/module/b/holders", make_link("a", "../../a")));
  EXPECT_EQ("1\n", *tree.read("/sys/module/b/holders/a/refcnt"));
  EXPECT_EQ("../../a", *tree.read_link("/sys/module/b/holders/a"));
  ASSERT_TRUE(tree.add("/", make_link("loop", "/loop")));
  EXPECT_EQ(ELOOP, tree.read("/loop").error().code);
}

TEST(FileTree, refuses_what_the_mode_or_the_file_does_not_have) {
  FileTree tree;
  ASSERT_TRUE(tree.add("/", make_file("in", 0200, {.write = [](const std::string&) -> Result<void> {
                                        return {};
                                      }})));
  EXPECT_EQ(EACCES, tree.read("/in").error().code);
  EXPECT_TRUE(tree.write("/in", "x"));
  ASSERT_TRUE(tree.add("/", text_file("out", "y", 0644)));
  EXPECT_EQ(EACCES, tree.write("/out", "x").error().code);
}

TEST(FileTree, a_folder_made_by_a_function_is_made_for_each_look) {
  FileTree tree;
  int count = 0;
  ASSERT_TRUE(tree.add("/", make_directory("d", 0755, [&] {
                         Files files;
                         put_file(files, text_file("n" + std::to_string(++count), "text"));
                         return files;
                       })));
  EXPECT_EQ("n1", (*tree.list("/d"))[0]->name);
  EXPECT_EQ("text", *tree.read("/d/n2"));
  EXPECT_EQ(ENOENT, tree.read("/d/n2").error().code);
}

// The reader is inside when the file is taken out: remove() comes back after it has left.
TEST(FileTree, removal_waits_for_whoever_is_inside) {
  Machine machine(MachineOptions{.cpus = 2});
  machine.start();
  FileTree tree;
  std::atomic<bool> inside{false}, go_on{false}, left{false};
  auto read = [&]() -> Result<std::string> {
    inside = true;
    while (!go_on) machine.scheduler().schedule();
    left = true;
    return std::string("done");
  };
  File file = tree.add("/", make_file("slow", 0444, {.read = read})).take();
  Task* reader = machine.scheduler().create("reader", [&] { (void)tree.read("/slow"); });
  EXPECT_TRUE(machine.scheduler().run("remover", [&] {
    machine.scheduler().wake(reader);
    while (!inside) machine.scheduler().schedule();
    Task* helper = machine.scheduler().create("helper", [&] {
      while (tree.exists("/slow")) machine.scheduler().schedule();
      EXPECT_FALSE(left);
      go_on = true;
    });
    machine.scheduler().wake(helper);
    tree.remove(file);
    EXPECT_TRUE(left);
    machine.scheduler().join(helper);
    machine.scheduler().join(reader);
    machine.scheduler().destroy(helper);
    machine.scheduler().destroy(reader);
  }));
  EXPECT_EQ(ENOENT, tree.read("/slow").error().code);
}

}  // namespace
}  // namespace ring3::machine
