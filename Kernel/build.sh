#!/usr/bin/env bash
# Builds the engine for bare x86-64 and, with 'image', the bootable image. Output goes to .build/kernel.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.build/kernel
mkdir -p "$out"
swift_flags=(-O -wmo -parse-as-library -swift-version 6 -strict-memory-safety -target x86_64-unknown-none-elf
  -enable-experimental-feature Embedded -Xfrontend -disable-stack-protector -Xfrontend -function-sections -Xcc -mno-red-zone -Xcc -fno-stack-protector
  -Xllvm -frame-pointer=none)
mapfile -t engine < <(find Sources/LinuxMM -name '*.swift' | sort)
swiftc "${swift_flags[@]}" -module-name LinuxMM -emit-module -emit-module-path "$out/LinuxMM.swiftmodule" \
  -emit-object -o "$out/LinuxMM.o" "${engine[@]}"
echo "LinuxMM built for x86_64-unknown-none-elf: $(stat -c %s "$out/LinuxMM.o") bytes"
[ "${1:-}" = image ] || exit 0
# Swift 6.3 cannot see the deinit of a noncopyable type across modules in Embedded mode: engine and kernel are one module.
swiftc "${swift_flags[@]}" -module-name Kernel -Xcc -fmodule-map-file=Kernel/module.modulemap \
  -emit-object -o "$out/Kernel.o" "${engine[@]}" Kernel/*.swift
for part in boot interrupts user; do
  clang --target=x86_64-unknown-none-elf -c "Kernel/$part.S" -o "$out/$part.o"
done
clang --target=x86_64-unknown-none-elf -O2 -mcmodel=kernel -ffreestanding -fno-builtin -fno-stack-protector -mno-red-zone \
  -c Kernel/runtime.c -o "$out/runtime.o"
ld.lld --gc-sections -T Kernel/link.ld -o "$out/kernel.elf" "$out/boot.o" "$out/interrupts.o" "$out/user.o" "$out/Kernel.o" "$out/runtime.o"
echo "image built: $out/kernel.elf"
