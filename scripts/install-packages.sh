#!/usr/bin/env bash
# Installs the Debian packages that building (build), making packages (packages), the lab (lab), building and testing (test) or
# measuring (bench) needs:
# Debian 12, Ubuntu 24.04 and newer.
# Asks apt only for what is missing, so a second run works offline and says nothing.
set -euo pipefail

build=(ca-certificates git libpq-dev libsqlite3-dev pkg-config zlib1g-dev)
# strip and ar, dpkg-shlibdeps.
packages=(binutils dpkg-dev)
# What makes a Debian to boot, boots it in a network of its own, and answers for names there.
lab=(debian-archive-keyring debootstrap dnsmasq-base iproute2 nftables systemd-container)
# A PostgreSQL to test the store on; nginx (with its stream module) and mosquitto to compare with; strace to make fsync fail;
# readelf for what programs link; openssl for another maker's certificates;
# python3's modules and protoc for an agent in another language; tinyproxy for agents behind a proxy; lintian looks at the packages;
# ClamAV's clamd, sigtool and freshclam, run by the tests with databases made there;
# tzdata's zones are read by both Muster and python3.
test=(clamav clamav-daemon libnginx-mod-stream lintian mosquitto nginx openssl postgresql protobuf-compiler python3 python3-cryptography python3-protobuf strace tinyproxy tzdata)
# Who allocated what.
bench=(heaptrack)

case "${1:-}" in
    build) wanted=("${build[@]}") ;;
    packages) wanted=("${build[@]}" "${packages[@]}") ;;
    lab) wanted=("${build[@]}" "${packages[@]}" "${lab[@]}") ;;
    test) wanted=("${build[@]}" "${packages[@]}" "${lab[@]}" "${test[@]}") ;;
    bench) wanted=("${build[@]}" "${packages[@]}" "${lab[@]}" "${test[@]}" "${bench[@]}") ;;
    *) echo "usage: $0 build|packages|lab|test|bench" >&2; exit 64 ;;
esac

missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [ "${status:0:2}" = ii ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "These packages are missing: ${missing[*]}. Install them as root, or install sudo." >&2
        exit 69
    fi
    as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }

echo "Installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
