// SPDX-License-Identifier: GPL-2.0-only
/* ibdev_dbg() with devices that no InfiniBand knows. */
#include <linux/module.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

static struct device parent = {.init_name = "parent0"};

static int __init ib_debug_init(void)
{
	struct ib_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	ibdev_dbg((struct ib_device *)NULL, "nobody %d\n", 1);
	dev->dev.init_name = "ring0";
	ibdev_dbg(dev, "alone %d\n", 2);
	dev->dev.parent = &parent;
	ibdev_dbg(dev, "with a parent %d\n", 3);
	kfree(dev);
	pr_info("ib_debug: done\n");
	return 0;
}

static void __exit ib_debug_exit(void)
{
}

module_init(ib_debug_init);
module_exit(ib_debug_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
