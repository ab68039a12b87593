#!/usr/bin/env bash
# Takes samples of address-space layouts from real kernels; see README.md.
#
#   record.sh [host|debian-6.1-amd64|debian-6.1-amd64-5level|debian-6.1-i386]...     all of them without an argument
#
# Needs gcc, gcc-multilib, qemu-system-x86, and the kernels that ../boot.sh keeps in ${XDG_CACHE_HOME:-~/.cache}/quire-kernels.
# `host` needs root, to set kernel.randomize_va_space for some seconds. All together takes about 40 minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/quire-kernels
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/programs"
bash "$here/programs.sh" "$work/programs"
cp "$here/matrix.sh" "$work/programs"

fail() {
  echo "$1" >&2
  exit 1
}

# keep NAME FILE: the samples, if they are whole.
keep() {
  [[ $(tail -n 1 "$2") == end ]] || fail "$1: the samples have no end"
  if grep FAILED "$2"; then fail "$1: the runs above failed"; fi
  gzip -9n <"$2" >"$here/$1.txt.gz"
  echo "$1: $(grep -c ^run "$2") runs, $(stat -c %s "$here/$1.txt.gz") bytes"
}

host() {
  local before
  before=$(cat /proc/sys/kernel/randomize_va_space)
  { echo "kernel $(uname -r) $(uname -m)"; cd "$work/programs" && sh ./matrix.sh sample-64 10000 "64 32" host; } \
    >"$work/host.txt" || true
  echo "$before" >/proc/sys/kernel/randomize_va_space
  keep "host-$(uname -r | cut -d . -f 1-2)" "$work/host.txt"
}

# guest NAME FLAVOUR ARCHITECTURE SAMPLER COUNT WIDTHS CPU BOOT-OPTIONS
guest() {
  local root=$work/root
  [[ -e $cache/linux-$2 && -e $cache/busybox-$3 ]] || fail "run $here/../boot.sh once: it fetches the kernels"
  rm -rf "$root"
  mkdir -p "$root"/{bin,dev,proc,sys,layout}
  cp "$cache/busybox-$3" "$root/bin/busybox"
  for applet in sh cat grep mount poweroff uname; do ln -s busybox "$root/bin/$applet"; done
  cp "$work"/programs/* "$root/layout"
  cat >"$root/init" <<END
#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
cd /layout
{ echo "kernel \$(uname -r) \$(uname -m) \$(grep -o -m 1 la57 /proc/cpuinfo) $8"; sh ./matrix.sh $4 $5 "$6" guest; } >/dev/ttyS1 2>&1
poweroff -f
END
  chmod +x "$root/init"
  (cd "$root" && find . | "$cache/busybox-$3" cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initrd.gz"
  timeout 7200 qemu-system-x86_64 -machine pc,accel=tcg -cpu "$7" -m 512M -nodefaults -display none -no-reboot \
    -serial "file:$work/console.log" -serial "file:$work/report.log" -kernel "$cache/linux-$2" -initrd "$work/initrd.gz" \
    -append "console=ttyS0 panic=-1 quiet mitigations=off $8" </dev/null || true
  tr -d '\r' <"$work/report.log" >"$work/report.txt"
  keep "$1" "$work/report.txt"
}

[[ $# -gt 0 ]] || set -- host debian-6.1-amd64 debian-6.1-amd64-5level debian-6.1-i386
for name in "$@"; do
  case $name in
    host) host ;;
    debian-6.1-amd64) guest "$name" amd64 amd64 sample-64 10000 "64 32" qemu64 "" ;;
    debian-6.1-amd64-5level) guest "$name" amd64 amd64 sample-64 2000 64 qemu64,+la57 stack_guard_gap=65536 ;;
    debian-6.1-i386) guest "$name" 686-pae i386 sample-32 10000 32 qemu64 "" ;;
    *) fail "there is no '$name'; see $0" ;;
  esac
done
