// SPDX-License-Identifier: GPL-2.0-only
/* Mutexes: state, trylock, the interruptible and nested forms. */
#include <linux/module.h>
#include <linux/mutex.h>

#include "check.h"

static DEFINE_MUTEX(first);

static int __init mutexes_init(void)
{
	static struct mutex second;

	mutex_init(&second);
	CHECK(!mutex_is_locked(&first));
	mutex_lock(&first);
	CHECK(mutex_is_locked(&first) && !mutex_is_locked(&second));
	CHECK(mutex_trylock(&first) == 0);
	CHECK(mutex_trylock(&second) == 1);
	mutex_unlock(&second);
	mutex_unlock(&first);
	CHECK(!mutex_is_locked(&first));
	CHECK(mutex_lock_interruptible(&first) == 0);
	mutex_unlock(&first);
	CHECK(mutex_lock_killable(&first) == 0);
	mutex_lock_nested(&second, SINGLE_DEPTH_NESTING);
	mutex_unlock(&first);
	mutex_unlock(&second);
	mutex_destroy(&second);
	DONE();
	return 0;
}

static void __exit mutexes_exit(void)
{
}

module_init(mutexes_init);
module_exit(mutexes_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
