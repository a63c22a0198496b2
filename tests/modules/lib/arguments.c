// SPDX-License-Identifier: GPL-2.0-only
/* Splitting option strings: match_token, get_options, argv_split. */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/parser.h>
#include <linux/slab.h>
#include <linux/string.h>

enum { OPT_SIZE, OPT_NAME, OPT_QUIET, OPT_UNKNOWN };

static const match_table_t tokens = {
    {OPT_SIZE, "size=%d"},
    {OPT_NAME, "name=%s"},
    {OPT_QUIET, "quiet"},
    {OPT_UNKNOWN, NULL},
};

static int __init arguments_init(void)
{
	char options[] = "quiet,size=12,name=x,bogus,size=y", *rest = options, *word, *name, *end;
	substring_t match[MAX_OPT_ARGS];
	int numbers[6], count, token, value, err, i;
	char **words;

	while ((word = strsep(&rest, ","))) {
		token = match_token(word, tokens, match);
		pr_info("arguments: '%s' is token %d\n", word, token);
		if (token == OPT_SIZE) {
			err = match_int(&match[0], &value);
			pr_info("arguments: size %d %d\n", err, value);
		}
		if (token == OPT_NAME) {
			name = match_strdup(&match[0]);
			pr_info("arguments: name '%s'\n", name);
			kfree(name);
		}
	}
	end = get_options("5,7-9,x", ARRAY_SIZE(numbers), numbers);
	for (i = 0; i <= numbers[0]; i++)
		pr_info("arguments: number %d is %d\n", i, numbers[i]);
	pr_info("arguments: rest '%s'\n", end);
	words = argv_split(GFP_KERNEL, "  one two   three ", &count);
	for (i = 0; words && i < count; i++)
		pr_info("arguments: word %d '%s'\n", i, words[i]);
	argv_free(words);
	return 0;
}

static void __exit arguments_exit(void)
{
}

module_init(arguments_init);
module_exit(arguments_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
