// SPDX-License-Identifier: GPL-2.0-only
/* What registering device numbers answers. */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/module.h>

static const struct file_operations operations = {.owner = THIS_MODULE};

static void try_region(const char *what, unsigned int major, unsigned int minor, unsigned int count)
{
	int error = register_chrdev_region(MKDEV(major, minor), count, "device_numbers");

	pr_info("device_numbers: %s: %d\n", what, error);
	if (!error)
		unregister_chrdev_region(MKDEV(major, minor), count);
}

static int __init device_numbers_init(void)
{
	dev_t first = MKDEV(241, 10), dynamic, other;
	struct cdev *device = cdev_alloc();
	int error;

	pr_info("device_numbers: first %d\n", register_chrdev_region(first, 5, "numbers"));
	try_region("same", 241, 10, 5);
	try_region("overlaps the end", 241, 14, 2);
	try_region("after", 241, 15, 1);
	try_region("before", 241, 0, 10);
	try_region("around", 241, 0, 100);
	try_region("inside", 241, 12, 1);
	try_region("major 511", 511, 0, 1);
	try_region("major 512", 512, 0, 1);
	try_region("too many minors", 242, 1, MINORMASK + 1);
	try_region("all minors", 242, 0, MINORMASK + 1);
	try_region("over two majors", 242, MINORMASK, 2);
	try_region("none", 242, 0, 0);
	unregister_chrdev_region(first, 5);

	error = alloc_chrdev_region(&dynamic, 3, 2, "numbers");
	pr_info("device_numbers: dynamic %d, minor %u\n", error, MINOR(dynamic));
	error = alloc_chrdev_region(&other, 0, 1, "numbers");
	pr_info("device_numbers: another %d, below %d\n", error, MAJOR(other) < MAJOR(dynamic));
	unregister_chrdev_region(other, 1);
	unregister_chrdev_region(dynamic, 2);

	error = register_chrdev(243, "a/b", &operations);
	pr_info("device_numbers: register_chrdev %d\n", error);
	pr_info("device_numbers: again %d\n", register_chrdev(243, "again", &operations));
	error = __register_chrdev(243, 256, 8, "more", &operations);
	pr_info("device_numbers: more minors %d\n", error);
	if (!error)
		__unregister_chrdev(243, 256, 8, "more");
	unregister_chrdev(243, "a/b");
	error = register_chrdev(0, "free", &operations);
	pr_info("device_numbers: a free major %d\n", error > 0);
	if (error > 0)
		unregister_chrdev(error, "free");
	pr_info("device_numbers: cdev count %d owner %d\n", kref_read(&device->kobj.kref), !device->owner);
	cdev_del(device);
	return 0;
}

static void __exit device_numbers_exit(void) {}

module_init(device_numbers_init);
module_exit(device_numbers_exit);
MODULE_LICENSE("GPL");
