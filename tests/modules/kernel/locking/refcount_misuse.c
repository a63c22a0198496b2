// SPDX-License-Identifier: GPL-2.0-only
/* A reference count that goes wrong saturates, with a warning for each kind of mistake. */
#include <linux/module.h>
#include <linux/refcount.h>

static char *what = "none";
module_param(what, charp, 0);

static int __init refcount_misuse_init(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	if (!strcmp(what, "inc"))
		refcount_inc(&count);
	else if (!strcmp(what, "dec"))
		refcount_dec(&count);
	else if (!strcmp(what, "sub"))
		pr_info("refcount_misuse: %d\n", refcount_sub_and_test(1, &count));
	pr_info("refcount_misuse: %d\n", refcount_read(&count));
	return 0;
}

static void __exit refcount_misuse_exit(void)
{
}

module_init(refcount_misuse_init);
module_exit(refcount_misuse_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
