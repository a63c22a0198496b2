// SPDX-License-Identifier: GPL-2.0-only
/* netdev_dbg() with network devices in every state, none of them the network's. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

static struct device parent = {.init_name = "parent0"};

static int __init net_debug_init(void)
{
	struct net_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int state;

	netdev_dbg(NULL, "nobody\n");
	netdev_dbg(dev, "no name\n");
	strcpy(dev->name, "ring%d");
	netdev_dbg(dev, "no name yet\n");
	strcpy(dev->name, "ring0");
	for (state = NETREG_UNINITIALIZED; state <= NETREG_DUMMY; state++) {
		dev->reg_state = state;
		netdev_dbg(dev, "state %d\n", state);
	}
	dev->dev.parent = &parent;
	netdev_dbg(dev, "with a parent\n");
	dev->reg_state = NETREG_REGISTERED;
	netdev_dbg(dev, "with a parent\n");
	kfree(dev);
	pr_info("net_debug: done\n");
	return 0;
}

static void __exit net_debug_exit(void)
{
}

module_init(net_debug_init);
module_exit(net_debug_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
