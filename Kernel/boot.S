# Entry of the bare-metal image: from the 32-bit protected mode in which a PVH loader leaves the processor to 64-bit
# Swift, with the first 4 GiB mapped one to one. The PVH ABI is that of the Xen project (docs/misc/pvh).

    .section .note.pvh, "a", @note
    .align 4
    .long 4, 4, 18                  # name size, description size, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .long start32

    .section .bss
    .align 4096
root_table:     .skip 4096
upper_table:    .skip 4096
middle_tables:  .skip 4 * 4096
    .align 16
stack_bottom:   .skip 256 * 1024
stack_top:

    .section .data
    .align 16
descriptors:
    .quad 0
    .quad 0x00af9a000000ffff        # 64-bit code
    .quad 0x00cf92000000ffff        # data
descriptors_end:
descriptor_pointer:
    .word descriptors_end - descriptors - 1
    .long descriptors

    .section .text
    .code32
    .globl start32
start32:
    cld
    movl $stack_top, %esp
    movl %ebx, %edi                 # the start information, kept for Swift

    movl $upper_table + 3, root_table
    movl $middle_tables + 3, %eax
    movl $upper_table, %edx
    movl $4, %ecx
1:  movl %eax, (%edx)
    addl $4096, %eax
    addl $8, %edx
    loop 1b

    movl $0x83, %eax                # present, writable, 2 MiB
    movl $middle_tables, %edx
    movl $2048, %ecx
2:  movl %eax, (%edx)
    movl $0, 4(%edx)
    addl $0x200000, %eax
    addl $8, %edx
    loop 2b

    movl $root_table, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x620, %eax                # PAE, SSE
    movl %eax, %cr4
    movl $0xc0000080, %ecx          # EFER: long mode
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    andl $~4, %eax                  # no emulation of the FPU
    orl $0x80000003, %eax           # paging, protection, monitor
    movl %eax, %cr0
    lgdt descriptor_pointer
    ljmp $8, $start64

    .code64
start64:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    xorl %ebp, %ebp
    movl %edi, %edi
    call kernel_main
3:  hlt
    jmp 3b
