/* SPDX-License-Identifier: GPL-2.0-only */
/* What stack.ko offers to other modules. */
#ifndef STACK_H
#define STACK_H

int stack_push(int value);
int stack_pop(int *value);

#endif
