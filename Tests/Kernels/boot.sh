#!/usr/bin/env bash
# Boots Debian's Linux 6.1 in QEMU, in many shapes of machine, and writes what it says about its memory to text files:
# the data that the model's zones, watermarks and reserves are tested against.
#
#   boot.sh [NAME...]     makes the folders NAME beside this script again, or all of them
#
# Needs a Debian 12 machine with qemu-system-x86; root is not needed, and nothing is installed. The packages go to
# ${XDG_CACHE_HOME:-~/.cache}/quire-kernels and stay there; remove that folder to take Debian's newest 6.1 again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/fetch.sh"

# initramfs ARCHITECTURE: makes initrd-ARCHITECTURE.gz, a root of busybox, links to it and /init.
initramfs() {
  local root applet
  root=$(mktemp -d)
  mkdir "$root"/{bin,dev,proc,sys}
  cp "busybox-$1" "$root/bin/busybox"
  for applet in sh cat dmesg mount poweroff uname; do ln -s busybox "$root/bin/$applet"; done
  cat >"$root/init" <<'END'
#!/bin/sh
# The arguments are sysctls to set, as NAME=VALUE.
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
dmesg -n 1

section() { echo "=== $1"; }
sysctls() {
  for f in /proc/sys/vm/*; do
    # Reading stat_refresh does something; others can only be written.
    [ "${f##*/}" = stat_refresh ] || { v=$(cat $f 2>/dev/null) && echo "vm.${f##*/} = $v"; }
  done
}
# What each CPU has counted for itself is added up first.
counted() { cat /proc/sys/vm/stat_refresh; cat "$1"; }

report() {
  section about.txt
  echo "uname: $(uname -a)"
  echo "command line: $(cat /proc/cmdline)"
  thp=/sys/kernel/mm/transparent_hugepage/enabled
  [ ! -e $thp ] || echo "transparent_hugepage: $(cat $thp)"
  section dmesg.txt; dmesg
  section zoneinfo-boot.txt; counted /proc/zoneinfo
  # After zoneinfo: reading vm.lowmem_reserve_ratio makes the kernel recompute the reserves.
  section sysctl-boot.txt; sysctls
  section buddyinfo.txt; cat /proc/buddyinfo
  section pagetypeinfo.txt; cat /proc/pagetypeinfo
  section meminfo.txt; counted /proc/meminfo
  section vmstat.txt; counted /proc/vmstat
  section distance.txt; cat /sys/devices/system/node/node*/distance
  # The kernel computed these at boot, from fewer pages: what boot itself used was freed later.
  for f in min_free_kbytes lowmem_reserve_ratio; do
    v=$(cat /proc/sys/vm/$f); echo "$v" >/proc/sys/vm/$f
  done
  for s in "$@"; do
    # The kernel passes on what it does not know itself, such as nokaslr.
    case $s in vm.*=*) f=${s%%=*}; echo "${s#*=}" >/proc/sys/vm/${f#vm.} ;; esac
  done
  section sysctl-rewritten.txt; sysctls
  section zoneinfo-rewritten.txt; counted /proc/zoneinfo
  section end
}
# Not to the console, where the kernel's messages could come in between. The end of the output waits until all is sent.
report "$@" >/dev/ttyS1
poweroff -f
END
  chmod +x "$root/init"
  (cd "$root" && find . | "$cache/busybox-$1" cpio -o -H newc | gzip -9n) >"initrd-$1.gz" 2>/dev/null
  rm -r "$root"
}

wanted=("$@")
booted=0

# boot NAME FLAVOUR RAM CPUS QEMU-OPTIONS KERNEL-OPTIONS [SYSCTL=VALUE...]: one machine. The sysctls are set before
# zoneinfo-rewritten.txt and sysctl-rewritten.txt are read.
boot() {
  local name=$1 flavour=$2 ram=$3 cpus=$4 options=$5 append="console=ttyS0 nokaslr panic=-1 quiet${6:+ $6}" arch=amd64
  [[ ${#wanted[@]} == 0 || " ${wanted[*]} " == *" $name "* ]] || return 0
  [[ $flavour == amd64 ]] || arch=i386
  echo "$name"
  kernel "$flavour"
  initramfs "$arch"
  # What stands behind "--" goes to /init as its arguments, where a file of its own would change the initramfs.
  [[ $# -le 6 ]] || append+=" --$(printf ' "%s"' "${@:7}")"
  local arg shown='' out=$here/$name command
  # A socket for each CPU, as Linux warns of sockets that reach over nodes.
  # shellcheck disable=SC2054,SC2206 # The commas are QEMU's, and the options are words.
  command=(qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m "$ram" -smp "$cpus,sockets=$cpus" $options
    -nodefaults -display none -no-reboot -serial file:console.log -serial file:report.log
    -kernel "linux-$flavour" -initrd "initrd-$arch.gz" -append "$append")
  for arg in "${command[@]}"; do
    [[ $arg != *[!a-zA-Z0-9_.,:=/-]* ]] || arg="'$arg'"
    shown+=" $arg"
  done
  rm -f console.log report.log
  timeout 300 "${command[@]}" </dev/null || true
  if [[ $(tail -n 1 report.log | tr -d '\r') != '=== end' ]]; then
    tail -n 20 console.log
    fail "$name: the boot did not reach its end"
  fi
  rm -rf "$out"
  mkdir "$out"
  tr -d '\r' <report.log | awk -v out="$out" '/^=== / { file = out "/" $2; next } { print >file }'
  echo "qemu:$shown" >>"$out/about.txt"
  check "$out"
  booted=$((booted + 1))
}

# check FOLDER: every file is there, whole, and without lines of another.
check() {
  local file text
  cd "$1"
  for file in about dmesg sysctl-{boot,rewritten} zoneinfo-{boot,rewritten} buddyinfo pagetypeinfo meminfo vmstat; do
    [[ -s $file.txt ]] || fail "$1/$file.txt is missing"
  done
  [[ $(head -n 1 dmesg.txt) == *'Linux version 6.1.'* ]] || fail "$1/dmesg.txt has lost its beginning"
  for text in 'BIOS-e820: ' 'Zone ranges:' 'Memory: .* available' 'Freeing unused kernel' 'Run /init as'; do
    grep -q "$text" dmesg.txt || fail "$1/dmesg.txt has no '$text'"
  done
  # An empty zone's part ends with its protection.
  for file in zoneinfo-*.txt; do
    [[ $(tail -n 1 "$file") =~ ^\ +(start_pfn:\ +[0-9]+|protection:\ \([0-9, ]+\))$ ]] || fail "$1/$file has no end"
    if grep -vE '^(Node [0-9]+, zone +[A-Z][A-Za-z0-9]+|  (per-node stats|pagesets)|  pages free +[0-9]+)$' "$file" |
      grep -vE '^ +(protection: \([0-9, ]+\)|[a-z_0-9]+:? +[0-9]+|vm stats threshold: [0-9]+)$'; then
      fail "$1/$file has the lines above between its own"
    fi
  done
  if grep -vE '^vm\.[a-z_-]+ = [0-9A-Z]' sysctl-*.txt; then fail "$1: these are no sysctls"; fi
  if grep -vE '^[a-z_0-9]+ [0-9]+$' vmstat.txt; then fail "$1/vmstat.txt has the lines above"; fi
  if grep -vE '^[A-Za-z0-9_()]+: +[0-9]+( kB)?$' meminfo.txt; then fail "$1/meminfo.txt has the lines above"; fi
  if grep -vE '^Node [0-9]+, zone +[A-Z][A-Za-z0-9]+( +[0-9]+){11} $' buddyinfo.txt; then
    fail "$1/buddyinfo.txt has the lines above"
  fi
  # A kernel without NUMA has no distances.
  if [[ -e distance.txt ]] && grep -vE '^[0-9]+( [0-9]+)*$' distance.txt; then
    fail "$1/distance.txt has the lines above"
  fi
  cd "$cache"
}

# node NUMBER RAM CPUS: QEMU's options for a NUMA node; either of RAM and CPUS can be empty.
node() {
  [[ -z $2 ]] || echo "-object memory-backend-ram,id=m$1,size=$2"
  echo "-numa node,nodeid=$1${2:+,memdev=m$1}${3:+,cpus=$3}"
}

# distances FROM,TO,DISTANCE...: QEMU's options for distances of nodes.
distances() {
  local from to distance
  for distance in "$@"; do
    IFS=, read -r from to distance <<<"$distance"
    echo "-numa dist,src=$from,dst=$to,val=$distance"
  done
}

unequal_nodes="$(node 0 2G 0) $(node 1 4G 1)"
four_nodes="$(node 0 512M 0) $(node 1 1G 1) $(node 2 1G 2) $(node 3 512M 3)
  $(distances 0,1,15 0,2,20 0,3,30 1,2,25 1,3,20 2,3,12)"

# Debian's kernel for amd64 needs 83 MiB to unpack itself; 84M is the least that boots.
#    NAME                FLAVOUR RAM  CPUS QEMU-OPTIONS KERNEL-OPTIONS [SYSCTL=VALUE...]
boot 84M-1cpu            amd64   84M  1 '' ''
boot 128M-1cpu           amd64   128M 1 '' ''
boot 128M-2cpu           amd64   128M 2 '' ''
boot 512M-1cpu           amd64   512M 1 '' ''
boot 512M-5cpu           amd64   512M 5 '' ''
boot 2G-2cpu             amd64   2G   2 '' ''
boot 3G-2cpu             amd64   3G   2 '' ''
boot 5G-1cpu             amd64   5G   1 '' ''
boot 5G-5cpu             amd64   5G   5 '' ''
boot 8G-2cpu             amd64   8G   2 '' ''
boot 1G-2nodes           amd64   1G   2 "$(node 0 512M 0) $(node 1 512M 1)" ''
boot 3G-4nodes           amd64   3G   4 "$four_nodes" ''
boot 6G-2nodes           amd64   6G   2 "$(node 0 3G 0) $(node 1 3G 1)" ''
boot 6G-2nodes-unequal   amd64   6G   2 "$unequal_nodes" ''
boot 2G-memoryless-node  amd64   2G   3 "$(node 0 1G 0) $(node 1 '' 1) $(node 2 1G 2)" ''
boot 2G-cpuless-node     amd64   2G   2 "$(node 0 1536M 0-1) $(node 1 512M '')" ''
boot 2G-movablecore      amd64   2G   2 '' movablecore=512M
boot 3G-2nodes-kernelcore amd64  3G   2 "$(node 0 1G 0) $(node 1 2G 1)" kernelcore=1G
boot 2G-sysctl-scale     amd64   2G   2 '' '' vm.watermark_scale_factor=200 vm.percpu_pagelist_high_fraction=8
boot 5G-sysctl-reserve   amd64   5G   2 '' '' 'vm.lowmem_reserve_ratio=64 64 16 0 0' vm.min_free_kbytes=20000
boot 6G-2nodes-sysctl    amd64   6G   2 "$unequal_nodes" '' vm.watermark_scale_factor=50 \
  vm.percpu_pagelist_high_fraction=16 'vm.lowmem_reserve_ratio=100 10 8 1 0' vm.min_free_kbytes=4000
boot i386-64M-1cpu       686     64M  1 '' ''
boot i386-1G-1cpu        686     1G   1 '' ''
boot i386-pae-1G-1cpu    686-pae 1G   1 '' ''
boot i386-pae-3G-2cpu    686-pae 3G   2 '' ''
boot i386-pae-5G-sysctl  686-pae 5G   2 '' '' 'vm.lowmem_reserve_ratio=64 16 0 0' vm.min_free_kbytes=20000

((booted >= ${#wanted[@]} && booted > 0)) || fail "usage: boot.sh [NAME...], with names from the end of $0"
