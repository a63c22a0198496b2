// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module with one mistake of your choice, to see what the kernel (and Ring 3) says about it:
 *
 *     insmod broken.ko what=null
 *
 * On a real machine most of these end the process that loads the module, and some the machine.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *what = "nothing";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "null, bug, warn, divide, leak, overrun, after-free, double-free, sleep");

static DEFINE_SPINLOCK(lock);

/* Writes through a pointer that nobody set. */
static noinline void null_write(void)
{
	int *pointer = NULL;

	OPTIMIZER_HIDE_VAR(pointer);
	*pointer = 42;
}

/* Divides by a number that happens to be zero. */
static noinline int divide(void)
{
	int zero = 0;

	OPTIMIZER_HIDE_VAR(zero);
	return 100 / zero;
}

/* Takes memory and forgets it. */
static noinline void leak(void)
{
	char *text = kstrdup("nobody frees me", GFP_KERNEL);

	pr_info("leaked '%s'\n", text);
}

/* Writes one byte more than it asked for. */
static noinline void overrun(void)
{
	int size = 100;
	char *memory;

	OPTIMIZER_HIDE_VAR(size);
	memory = kmalloc(size, GFP_KERNEL);
	if (!memory)
		return;
	memset(memory, 'x', size + 1);
	kfree(memory);
}

/* Reads what it gave back. */
static noinline void after_free(void)
{
	int *memory = kmalloc(sizeof(*memory), GFP_KERNEL);
	int *stale = memory;

	OPTIMIZER_HIDE_VAR(stale);
	if (!memory)
		return;
	*memory = 42;
	kfree(memory);
	pr_info("the answer was %s\n", READ_ONCE(*stale) == 42 ? "42" : "something else");
}

/* Gives the same memory back twice. */
static noinline void double_free(void)
{
	void *memory = kmalloc(100, GFP_KERNEL);
	void *again = memory;

	OPTIMIZER_HIDE_VAR(again);
	kfree(memory);
	kfree(again);
}

/* Sleeps while it holds a spinlock. */
static noinline void sleep_in_atomic(void)
{
	spin_lock(&lock);
	msleep(1);
	spin_unlock(&lock);
}

static int __init broken_init(void)
{
	pr_info("about to do: %s\n", what);
	if (!strcmp(what, "null"))
		null_write();
	else if (!strcmp(what, "bug"))
		BUG();
	else if (!strcmp(what, "warn"))
		WARN(1, "this is only a warning\n");
	else if (!strcmp(what, "divide"))
		divide();
	else if (!strcmp(what, "leak"))
		leak();
	else if (!strcmp(what, "overrun"))
		overrun();
	else if (!strcmp(what, "after-free"))
		after_free();
	else if (!strcmp(what, "double-free"))
		double_free();
	else if (!strcmp(what, "sleep"))
		sleep_in_atomic();
	else if (strcmp(what, "nothing"))
		return -EINVAL;
	pr_info("still here\n");
	return 0;
}

static void __exit broken_exit(void)
{
	pr_info("gone\n");
}

module_init(broken_init);
module_exit(broken_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("Ring 3 authors");
MODULE_DESCRIPTION("Makes the mistake that you ask for");
