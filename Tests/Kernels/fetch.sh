# To be sourced: fetches Debian's kernels 6.1 and its busybox into ${XDG_CACHE_HOME:-~/.cache}/quire-kernels, and goes there.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/quire-kernels
mkdir -p "$cache"
cd "$cache"

fail() {
  echo "$1" >&2
  exit 1
}

# debian ARCHITECTURE COMMAND ARG...: apt-get or apt-cache with Debian's package lists of that architecture, kept here,
# so that neither root nor `dpkg --add-architecture` is needed.
debian() {
  local state=$cache/apt-$1
  mkdir -p "$state/lists/partial" "$state/archives/partial"
  touch "$state/status"
  "$2" -qq -o APT::Architecture="$1" -o APT::Architectures="$1" -o APT::Sandbox::User= -o Dir::State="$state" \
    -o Dir::State::status="$state/status" -o Dir::Cache="$state" "${@:3}"
}

# unpack ARCHITECTURE PACKAGE FILE AS: one file of a package.
unpack() {
  rm -f "$2"_*.deb
  debian "$1" apt-get download "$2"
  dpkg-deb --fsys-tarfile "$2"_*.deb | tar -xO "$3" >"$4.part"
  rm "$2"_*.deb
  mv "$4.part" "$4"
}

# kernel FLAVOUR: makes linux-FLAVOUR and busybox-ARCHITECTURE if they are not there.
kernel() {
  local arch=amd64 package
  [[ $1 == amd64 ]] || arch=i386
  if [[ ! -e linux-$1 || ! -e busybox-$arch ]]; then
    # A mirror caught in the middle of an update has old lists; those will do.
    debian "$arch" apt-get update || true
    package=$(debian "$arch" apt-cache pkgnames linux-image-6.1.0- | grep -xE "linux-image-6\.1\.0-[0-9]+-$1" |
      sort -V | tail -n 1) || fail "Debian's package lists have no Linux 6.1 of the flavour $1"
    unpack "$arch" "$package" "./boot/vmlinuz-${package#linux-image-}" "linux-$1"
    unpack "$arch" busybox-static ./bin/busybox "busybox-$arch"
    chmod +x "busybox-$arch"
  fi
}

# modules FLAVOUR MODULE...: puts modules, named by their paths below kernel/ without .ko, into modules-FLAVOUR if they are not
# there.
modules() {
  local flavour=$1 package version module
  shift
  mkdir -p "modules-$flavour"
  for module in "$@"; do
    if [[ ! -e modules-$flavour/${module##*/}.ko ]]; then
      # Of the same version as the kernel that is there already.
      version=$(strings "linux-$flavour" | grep -oxE '6\.1\.0-[0-9]+-[a-z0-9-]+ .*' | head -n 1 | cut -d ' ' -f 1)
      package=linux-image-$version
      if [[ ! -e modules-$flavour.tar ]]; then
        debian amd64 apt-get update || true
        debian amd64 apt-get download "$package"
        dpkg-deb --fsys-tarfile "$package"_*.deb >"modules-$flavour.tar"
        rm "$package"_*.deb
      fi
      tar -xOf "modules-$flavour.tar" "./lib/modules/$version/kernel/$module.ko" >"modules-$flavour/${module##*/}.ko" ||
        fail "$package has no module $module"
    fi
  done
  rm -f "modules-$flavour.tar"
}

