#!/usr/bin/env bash
# Takes down what Debian's kernel 6.1 counts while programs use more memory than there is; see README.md.
#
#   record.sh [NAME...]     makes the files of NAME beside this script again, or all of them; REPEATS=5 boots each
#
# Needs a Debian 12 machine with gcc, e2fsprogs and qemu-system-x86; root is not needed, and nothing is installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../fetch.sh"
repeats=${REPEATS:-5}
work=$(mktemp -d)
trap '[ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT
wanted=("$@")
recorded=0

kernel amd64
# In the order in which they are loaded.
modules=(drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_legacy_dev drivers/virtio/virtio_pci_modern_dev
  drivers/virtio/virtio_pci drivers/block/virtio_blk lib/crc16 crypto/crc32c_generic fs/mbcache fs/jbd2/jbd2 fs/ext4/ext4)
# Loaded where they are needed.
zram=(mm/zsmalloc drivers/block/zram/zram)
modules amd64 "${modules[@]}" "${zram[@]}"

root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,modules,disk}
cp busybox-amd64 "$root/bin/busybox"
for applet in sh cat cp grep mkdir mount insmod mkswap swapon dd sync poweroff sleep; do ln -s busybox "$root/bin/$applet"; done
for module in "${modules[@]}" "${zram[@]}"; do cp "modules-amd64/${module##*/}.ko" "$root/modules/"; done
gcc -O2 -Wall -Wextra -Werror -static -o "$root/bin/pressure" "$here/pressure.c" -lm
gcc -O2 -Wall -Wextra -Werror -static -o "$root/bin/costs" "$here/costs.c"
cat >"$root/init" <<END
#!/bin/sh
# The arguments are NAME=VALUE of vm, memory_max=BYTES, file=MIB, zram=BYTES instead of the swap disk, zswap=PERCENT of memory
# at most before it, lru_gen.enabled=MASK for pages in generations, then "run:" and the program's words.
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
dmesg -n 1 2>/dev/null
for m in ${modules[*]##*/}; do insmod /modules/\$m.ko || echo "no \$m" >/dev/ttyS1; done
limit=
zram=
file=
while [ "\$1" != run: ] && [ \$# -gt 0 ]; do
  case \$1 in
  memory_max=*) limit=\${1#*=} ;;
  zram=*) zram=\${1#*=} ;;
  zswap=*)
    echo \${1#*=} >/sys/module/zswap/parameters/max_pool_percent
    echo 1 >/sys/module/zswap/parameters/enabled
    ;;
  lru_gen.enabled=*) echo \${1#*=} >/sys/kernel/mm/lru_gen/enabled ;;
  file=*) file=\${1#*=} ;;
  vm.*=*) n=\${1%%=*}; echo "\${1#*=}" >/proc/sys/vm/\${n#vm.} ;;
  esac
  shift
done
shift
swap=/dev/vda
if [ -n "\$zram" ]; then
  for m in ${zram[*]##*/}; do insmod /modules/\$m.ko || echo "no \$m" >/dev/ttyS1; done
  echo \$zram >/sys/block/zram0/disksize
  swap=/dev/zram0
fi
mkswap \$swap >/dev/null && swapon \$swap
mount -t ext4 /dev/vdb /disk
cp /bin/pressure /disk/program
if [ -n "\$file" ]; then
  dd if=/dev/zero of=/disk/file bs=1M count=\$file 2>/dev/null
fi
sync
echo 3 >/proc/sys/vm/drop_caches
if [ -n "\$limit" ]; then
  mount -t cgroup2 cgroup /sys/fs/cgroup
  mkdir /sys/fs/cgroup/limited
  echo \$limit >/sys/fs/cgroup/limited/memory.max
  echo +memory >/sys/fs/cgroup/cgroup.subtree_control
  echo \$limit >/sys/fs/cgroup/limited/memory.max
  echo \$\$ >/sys/fs/cgroup/limited/cgroup.procs
fi
sleep 1
{
  echo '=== zoneinfo'; cat /proc/zoneinfo
  echo '=== meminfo'; cat /proc/meminfo
  echo '=== run'
  if [ "\$1" = costs ]; then costs; else pressure run /disk/program "\$@"; fi
  echo '=== kills'; dmesg 2>/dev/null | sed -n '/invoked oom-killer/,\$p'
  if [ -n "\$limit" ]; then echo '=== memory.stat'; cat /sys/fs/cgroup/limited/memory.stat /sys/fs/cgroup/limited/memory.events; fi
  echo '=== end'
} >/dev/ttyS1
poweroff -f
END
ln -s busybox "$root/bin/dmesg"
chmod +x "$root/init"
(cd "$root" && find . | "$cache/busybox-amd64" cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initrd.gz"

# boot NAME RAM SWAP SETTINGS PROGRAM...: what the machine said, in $work/text.
boot() {
  local name=$1 ram=$2 swap=$3 settings=$4
  shift 4
  rm -f "$work"/*.log "$work"/*.img
  truncate -s "$swap" "$work/swap.img"
  truncate -s 2G "$work/disk.img"
  mke2fs -q -t ext4 -O ^has_journal "$work/disk.img"
  timeout 900 qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m "$ram" -smp 1 -nodefaults -display none -no-reboot \
    -serial "file:$work/console.log" -serial "file:$work/report.log" \
    -drive "file=$work/swap.img,format=raw,if=virtio,cache=unsafe" -drive "file=$work/disk.img,format=raw,if=virtio,cache=unsafe" \
    -kernel linux-amd64 -initrd "$work/initrd.gz" \
    -append "console=ttyS0 nokaslr panic=-1 quiet transparent_hugepage=never rootfstype=ramfs -- $settings run: $*" </dev/null || true
  tr -d '\r' <"$work/report.log" >"$work/text"
  [[ $(tail -n 1 "$work/text") == '=== end' ]] || { tail -n 20 "$work/console.log"; fail "$name: the text has no end"; }
}

# record NAME RAM SWAP SETTINGS PROGRAM...: NAME.json, a run on each line, and RAM-zoneinfo.txt.
record() {
  local name=$1 ram=$2 swap=$3 settings=$4
  shift 4
  [[ ${#wanted[@]} == 0 || " ${wanted[*]} " == *" $name "* ]] || return 0
  : >"$work/runs"
  for ((turn = 0; turn < repeats; turn++)); do
    boot "$name" "$ram" "$swap" "$settings" "$@"
    awk '/^=== / { part = $2; next } part == "run"' "$work/text" >>"$work/runs"
    awk '/^=== / { part = $2; next } part == "zoneinfo"' "$work/text" >"$here/$ram-zoneinfo.txt"
    awk '/^=== / { part = $2; next } part == "kills"' "$work/text" >"$work/kills"
    [ ! -s "$work/kills" ] || cp "$work/kills" "$here/$name-kills.txt"
  done
  { printf '{"name":"%s","ram":"%s","swap":"%s","settings":"%s","program":"%s","runs":[\n' "$name" "$ram" "$swap" "$settings" "$*"
    sed '$!s/$/,/' "$work/runs"; printf ']}\n'; } >"$here/$name.json"
  echo "$name: $(wc -l <"$work/runs") runs"
  recorded=$((recorded + 1))
}

# What the emulated processor needs for what the model has costs for: costs.txt, the medians of as many boots.
if [[ ${#wanted[@]} == 0 || " ${wanted[*]} " == *" costs "* ]]; then
  : >"$work/costs"
  for ((turn = 0; turn < repeats; turn++)); do
    boot costs 128M 512M memory_max=100M costs
    awk '/^=== / { part = $2; next } part == "run"' "$work/text" >>"$work/costs"
  done
  for key in instruction_ps fault_ps scan_ps reclaim_ps; do
    printf 'cost.%s=%s\n' "$key" "$(sed "s/.*\"$key\":\([0-9]*\).*/\1/" "$work/costs" | sort -n | sed -n "$(((repeats + 1) / 2))p")"
  done | tee "$here/costs.txt"
  recorded=$((recorded + 1))
fi

#      NAME              RAM  SWAP SETTINGS           PROGRAM
record sweep-1.2         128M 512M ''                 sweep 120M 3
record sweep-1.5         128M 512M ''                 sweep 150M 3
record sweep-3           128M 512M ''                 sweep 300M 2
record look              128M 512M ''                 look 150M 3
record sweep-96          96M  512M ''                 sweep 96M 3
record sweep-512         512M 2G   ''                 sweep 700M 2
record shared            128M 512M ''                 shared 150M 3
record uniform           128M 512M ''                 uniform 150M 200K
record zipf              128M 512M ''                 zipf 200M 400K
record hot               128M 512M ''                 hot 150M 30M 3
record scan              128M 512M 'file=300'         scan /disk/file 3
record scan-anonymous    128M 512M 'file=300'         scan /disk/file 3 60M
record map               128M 512M 'file=200'         map /disk/file 2
record forks             128M 512M ''                 forks 60M 6
record leak              128M 256M ''                 leak 1M
record crowd             128M 256M ''                 crowd 1M 40M:0 30M:300 20M:600 50M:0 10M:1000
record two               128M 512M ''                 two 80M 3
record zram              128M 256M 'zram=256M'        sweep 150M 3
record zswap             128M 512M 'zswap=20'         sweep 150M 3
record limit             512M 512M 'memory_max=64M'   sweep 96M 3
record swappiness-0      128M 512M 'vm.swappiness=0 file=300'   scan /disk/file 3 60M
record swappiness-10     128M 512M 'vm.swappiness=10 file=300'  scan /disk/file 3 60M
record swappiness-100    128M 512M 'vm.swappiness=100 file=300' scan /disk/file 3 60M
record swappiness-200    128M 512M 'vm.swappiness=200 file=300' scan /disk/file 3 60M
record lru-gen-sweep-1.5 128M 512M 'lru_gen.enabled=7'        sweep 150M 3
record lru-gen-sweep-3   128M 512M 'lru_gen.enabled=7'        sweep 300M 2
record lru-gen-look      128M 512M 'lru_gen.enabled=7'        look 150M 3
record lru-gen-uniform   128M 512M 'lru_gen.enabled=7'        uniform 150M 200K
record lru-gen-zipf      128M 512M 'lru_gen.enabled=7'        zipf 200M 400K
record lru-gen-hot       128M 512M 'lru_gen.enabled=7'        hot 150M 30M 3
record lru-gen-scan      128M 512M 'lru_gen.enabled=7 file=300'         scan /disk/file 3
record lru-gen-both      128M 512M 'lru_gen.enabled=7 file=300'         scan /disk/file 3 60M
record lru-gen-map       128M 512M 'lru_gen.enabled=7 file=200'         map /disk/file 2
record lru-gen-two       128M 512M 'lru_gen.enabled=7'        two 80M 3
record lru-gen-limit     512M 512M 'lru_gen.enabled=7 memory_max=64M'   sweep 96M 3
record lru-gen-leak      128M 256M 'lru_gen.enabled=7'        leak 1M

((recorded >= ${#wanted[@]} && recorded > 0)) || fail "usage: record.sh [NAME...], with names from the end of $0"
