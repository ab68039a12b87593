# The program that runs in ring 3: one access, on command. It is copied into a page of a process and may stand at any
# address.
#
#   eax = 0: rsi = the 8 bytes at rdi
#   eax = 1: the 8 bytes at rdi = rsi
#   eax = 2: jump to rdi
#
# What is jumped to is one instruction that ring 3 may not execute, or the bytes 0 0, `add %al, (%rax)`, with an address
# in rax that is none: either way a general protection there says that the processor has fetched it.

    .section .rodata
    .globl user_program, user_program_end
    .align 8
user_program:
    cmpl $1, %eax
    je 1f
    ja 2f
    movq (%rdi), %rsi
    int $0x80
1:  movq %rsi, (%rdi)
    int $0x80
2:  movabsq $1 << 63, %rax
    jmp *%rdi
    .align 8
user_program_end:
