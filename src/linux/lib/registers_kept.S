// SPDX-License-Identifier: GPL-2.0-only
// Functions that modules reach through alternatives and whose callers keep values in registers that
// C may change: a page cleared (%rdi the page; %rax, %rcx, %rdi change), bits counted (%rdi the
// number, %rax the result; nothing else changes). They need no stack and no Crossing.
  .section .note.GNU-stack, "", @progbits
  .text

  .globl ring3_clear_page
  .type ring3_clear_page, @function
ring3_clear_page:
  .cfi_startproc
  xorl %eax, %eax
  movl $512, %ecx
  rep stosq
  ret
  .cfi_endproc
  .size ring3_clear_page, . - ring3_clear_page

  .globl ring3_hweight32
  .type ring3_hweight32, @function
ring3_hweight32:
  .cfi_startproc
  popcntl %edi, %eax
  ret
  .cfi_endproc
  .size ring3_hweight32, . - ring3_hweight32

  .globl ring3_hweight64
  .type ring3_hweight64, @function
ring3_hweight64:
  .cfi_startproc
  popcntq %rdi, %rax
  ret
  .cfi_endproc
  .size ring3_hweight64, . - ring3_hweight64
