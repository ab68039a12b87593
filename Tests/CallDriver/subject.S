# The program whose memory is compared: one page of code, no library. The driver sets its registers and lets it execute
# one of these instructions, up to the trap behind it.
    .globl _start
    .text
_start:
    syscall
    int3
    movb (%rdi), %al
    int3
    movb %sil, (%rdi)
    int3
    rep stosb
    int3
    .section .note.GNU-stack, "", @progbits
