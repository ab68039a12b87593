# Entry of the bare-metal image: from the 32-bit protected mode in which a PVH loader leaves the processor to 64-bit
# Swift in the upper half of the address space. The PVH ABI is that of the Xen project (docs/misc/pvh).
#
# The tables made here are the kernel's own. Their upper half, which programs' tables share, is Linux's: the first 4 GiB
# of memory at 0xffff888000000000 without the right to execute, the first GiB once more at 0xffffffff80000000, where the
# image is linked. Their lower half has the first GiB one to one. With five levels of tables (LA57) the addresses are the
# same. See KernelLayout.swift.

    .set image_base, 0xffffffff80000000
    .set present_writable, 3
    .set large_page, 0x83           # the same, of 2 MiB

    .section .note.pvh, "a", @note
    .align 4
    .long 4, 8, 18                  # name size, description size, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad start32 - image_base

    .section .bss
    .align 4096
fifth_table:    .skip 4096          # the root with five levels
lower_table:    .skip 4096          # the lower half's fourth level then
fourth_table:   .skip 4096          # the root with four levels, or the upper half's fourth level
direct_table:   .skip 4096          # for the direct map
image_table:    .skip 4096          # for the image
direct_pages:   .skip 4 * 4096
image_pages:    .skip 4096
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
    .long descriptors - image_base

    .section .text
    .code32
    .globl start32
start32:
    cld
    movl %ebx, %esi                 # the start information, kept for Swift

    movl $direct_table - image_base + present_writable, fourth_table - image_base + 8 * 273
    movl $image_table - image_base + present_writable, fourth_table - image_base + 8 * 511
    movl $image_pages - image_base + present_writable, image_table - image_base
    movl $image_pages - image_base + present_writable, image_table - image_base + 8 * 510
    movl $image_table - image_base + present_writable, lower_table - image_base
    movl $lower_table - image_base + present_writable, fifth_table - image_base
    movl $fourth_table - image_base + present_writable, fifth_table - image_base + 8 * 511

    movl $direct_pages - image_base + present_writable, %eax
    movl $direct_table - image_base, %edx
    movl $4, %ecx
1:  movl %eax, (%edx)
    addl $4096, %eax
    addl $8, %edx
    loop 1b

    movl $large_page, %eax
    movl $direct_pages - image_base, %edx
    movl $2048, %ecx
2:  movl %eax, (%edx)
    movl $0x80000000, 4(%edx)       # not to be executed
    addl $0x200000, %eax
    addl $8, %edx
    loop 2b

    movl $large_page, %eax
    movl $image_pages - image_base, %edx
    movl $512, %ecx
3:  movl %eax, (%edx)
    addl $0x200000, %eax
    addl $8, %edx
    loop 3b

    movl $fourth_table - image_base, %edi
    movl $image_table - image_base + present_writable, (%edi)
    movl $0x620, %ebp               # CR4: PAE, SSE
    xorl %eax, %eax
    cpuid
    cmpl $7, %eax
    jb 4f
    movl $7, %eax
    xorl %ecx, %ecx
    cpuid
    testl $1 << 16, %ecx            # five levels, if the processor has them
    jz 4f
    movl $0, (%edi)
    movl $fifth_table - image_base, %edi
    orl $1 << 12, %ebp              # LA57
4:  movl %ebp, %cr4
    movl %edi, %cr3
    movl $0xc0000080, %ecx          # EFER: long mode, no-execute
    rdmsr
    orl $0x900, %eax
    wrmsr
    movl %cr0, %eax
    andl $~4, %eax                  # no emulation of the FPU
    orl $0x80010003, %eax           # paging, read-only for the kernel too, protection, monitor
    movl %eax, %cr0
    lgdt descriptor_pointer - image_base
    ljmp $8, $start64 - image_base

    .code64
start64:
    movq $upper_half, %rax
    jmp *%rax
upper_half:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movq $stack_top - image_base, %rsp
    movq %cr3, %rax
    movq %rax, kernel_root(%rip)
    xorl %ebp, %ebp
    movl %esi, %edi
    call kernel_main
5:  hlt
    jmp 5b
