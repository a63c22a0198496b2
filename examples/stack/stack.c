// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that others build on: a small stack of numbers, shared by all its users. stack_user.ko
 * imports its two functions, so this module is loaded first and removed last.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "stack.h"

#define STACK_SIZE 8

static int values[STACK_SIZE];
static int used;
static DEFINE_MUTEX(lock); /* guards values and used */

int stack_push(int value)
{
	int err = 0;

	mutex_lock(&lock);
	if (used == STACK_SIZE)
		err = -ENOSPC;
	else
		values[used++] = value;
	mutex_unlock(&lock);
	return err;
}
EXPORT_SYMBOL(stack_push);

int stack_pop(int *value)
{
	int err = 0;

	mutex_lock(&lock);
	if (used == 0)
		err = -ENODATA;
	else
		*value = values[--used];
	mutex_unlock(&lock);
	return err;
}
EXPORT_SYMBOL_GPL(stack_pop);

static int __init stack_init(void)
{
	pr_info("ready for %d numbers\n", STACK_SIZE);
	return 0;
}

static void __exit stack_exit(void)
{
	pr_info("gone with %d numbers left\n", used);
}

module_init(stack_init);
module_exit(stack_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("Ring 3 authors");
MODULE_DESCRIPTION("Exports a stack of numbers");
