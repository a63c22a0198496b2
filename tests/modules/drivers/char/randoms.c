// SPDX-License-Identifier: GPL-2.0-only
/* Random numbers: in range, not all the same; the seeded generator gives Linux's numbers. */
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/string.h>

#include "check.h"

static DEFINE_PER_CPU(struct rnd_state, states);

static int __init randoms_init(void)
{
	u8 bytes[33] = {}, same[33] = {};
	struct rnd_state state;
	u32 below = 10;
	u64 all = 0, none = ~0ull;
	int i, seen = 0;

	get_random_bytes(bytes, 32);
	CHECK(memcmp(bytes, same, 32) && !bytes[32]);
	for (i = 0; i < 200; i++) {
		u32 number = get_random_u32_below(below);

		CHECK(number < 10);
		seen |= 1 << number;
		all |= get_random_u64();
		none &= get_random_u64() | get_random_u32();
	}
	CHECK(seen == 0x3ff && all == ~0ull && !(none >> 32));
	CHECK(get_random_u32_below(below / 10) == 0);
	CHECK(get_random_u32_inclusive(below, 10) == 10);
	CHECK(get_random_u64() != get_random_u64() && get_random_u16() <= 0xffff &&
	      get_random_u8() <= 0xff);
	CHECK(wait_for_random_bytes() == 0 && rng_is_initialized());
	add_device_randomness(bytes, 32);
	prandom_seed_state(&state, 42);
	for (i = 0; i < 3; i++)
		pr_info("randoms: from 42 %08x\n", prandom_u32_state(&state));
	prandom_bytes_state(&state, bytes, 7);
	pr_info("randoms: bytes %7phN\n", bytes);
	prandom_seed_full_state(&states);
	CHECK(prandom_u32_state(this_cpu_ptr(&states)) != prandom_u32_state(this_cpu_ptr(&states)));
	DONE();
	return 0;
}

static void __exit randoms_exit(void)
{
}

module_init(randoms_init);
module_exit(randoms_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
