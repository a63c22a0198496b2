# SPDX-License-Identifier: GPL-2.0-only
# The functions behind get_user(), put_user() and the copies that modules inline. Each has a register
# convention of its own and keeps every other register; they bring their arguments to C++
# (usercopy.cc), with the caller's frame first, so that an oops can unwind from it.
#
#   __get_user_N     pointer in %rax; result in %eax, value in %rdx
#   __put_user_N     pointer in %rcx, value in %rax; result in %ecx
#   clear_user_*     pointer in %rdi, count in %rcx; what could not be cleared in %rcx
#   copy_user_*      to %rdi, from %rsi, count in %edx; what could not be copied in %eax
#   rep_movs_*       the same, count and what could not be copied in %rcx

        .text

# A frame whose slots below %rbp hold the caller's registers.
        .macro  BEGIN name
        .globl  \name
        .type   \name, @function
\name:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushq   %rax                     # -8
        pushq   %rcx                     # -16
        pushq   %rdx                     # -24
        pushq   %rsi                     # -32
        pushq   %rdi                     # -40
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushfq
        andq    $-16, %rsp
        cld
        .endm

# The caller's frame; the arguments that follow are already in place.
        .macro  CALL function
        leaq    16(%rbp), %rdi
        movq    (%rbp), %rsi
        callq   \function
        .endm

        .macro  END name
        leaq    -80(%rbp), %rsp
        popfq
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rax
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   \name, . - \name
        .endm

        .macro  GET_USER size
        BEGIN   ring3_get_user_\size
        movq    %rax, %rdx
        movl    $\size, %ecx
        CALL    ring3_get_user_from
        movq    %rax, -8(%rbp)
        movq    %rdx, -24(%rbp)
        END     ring3_get_user_\size
        .endm

        .macro  PUT_USER size
        BEGIN   ring3_put_user_\size
        movq    %rcx, %rdx
        movl    $\size, %ecx
        movq    %rax, %r8
        CALL    ring3_put_user_from
        movq    %rax, -16(%rbp)
        END     ring3_put_user_\size
        .endm

        .irp    size, 1, 2, 4, 8
        GET_USER \size
        PUT_USER \size
        .endr

        BEGIN   ring3_clear_user
        movq    %rdi, %rdx               # the count is in %rcx
        CALL    ring3_clear_user_from
        movq    %rax, -16(%rbp)
        END     ring3_clear_user

        BEGIN   ring3_copy_user
        movl    %edx, %r8d
        movq    %rdi, %rdx
        movq    %rsi, %rcx
        CALL    ring3_copy_user_from
        movq    %rax, -8(%rbp)
        END     ring3_copy_user

        BEGIN   ring3_copy_user_count
        movq    %rcx, %r8
        movq    %rdi, %rdx
        movq    %rsi, %rcx
        CALL    ring3_copy_user_from
        movq    %rax, -16(%rbp)
        END     ring3_copy_user_count

        .section .note.GNU-stack,"",@progbits
