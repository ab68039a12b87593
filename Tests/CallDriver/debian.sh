#!/usr/bin/env bash
# Runs the driver on Debian's kernel 6.1 in QEMU: debian.sh FOLDER [FIRST LAST]
#
# FOLDER has driver, subject and calls; it gets results. The kernel comes from Debian's archive, once.
set -euo pipefail
folder=$(realpath "$1")
shift
. "$(dirname "$0")/../Kernels/fetch.sh"
kernel amd64
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
mkdir "$root"/{bin,dev,proc,sys}
cp "$cache/busybox-amd64" "$root/bin/busybox"
for applet in sh cat mount poweroff stty dmesg; do ln -s busybox "$root/bin/$applet"; done
cp "$folder/driver" "$folder/subject" "$folder/calls" "$root/"
cat >"$root/init" <<END
#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
dmesg -n 1
stty -F /dev/ttyS1 raw -echo
stty -F /dev/ttyS2 raw -echo
/driver /subject /calls /results $* >/dev/ttyS2 2>/dev/ttyS0
cat /results >/dev/ttyS1
poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | ./bin/busybox cpio -o -H newc 2>/dev/null | gzip -1n) >"$folder/initrd.gz"
rm -f "$folder"/{console,results,output}
timeout 1800 qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m 512M -nodefaults -display none -no-reboot \
  -serial "file:$folder/console" -serial "file:$folder/results" -serial "file:$folder/output" \
  -kernel "$cache/linux-amd64" -initrd "$folder/initrd.gz" \
  -append "console=ttyS0 panic=-1 quiet transparent_hugepage=never mitigations=off" </dev/null
grep -a "driver:" "$folder/console" >&2 || true
cat "$folder/output"
