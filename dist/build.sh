#!/bin/sh
# Builds what is handed out: build.sh [BINARY]
#
# Leaves in target/dist: the binary (static, x86-64), a .deb, a wheel and the one with Ansible's names, an
# image for `docker load`, the list of what is in it (SBOM), the manual and the completions, and SHA256SUMS.
# With BINARY nothing is compiled: that file is packed.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
out=$root/target/dist
target=x86_64-unknown-linux-gnu
# The same sources give the same bytes: times are that of the commit.
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 1700000000)
export SOURCE_DATE_EPOCH

main() {
    rm -rf "$out"
    mkdir -p "$out"
    version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
    if [ $# -gt 0 ]; then
        install -m 755 "$1" "$out/play"
    else
        compile
        install -m 755 "$root/target/$target/packaged/play" "$out/play"
    fi
    "$out/play" man "$out/man"
    mkdir "$out/completions"
    for shell in bash zsh fish; do
        "$out/play" completions "$shell" --names >"$out/completions/play.$shell"
    done
    python3 "$here/sbom.py" "$root" >"$out/play-$version.cdx.json"
    "$here/deb.sh" "$out" "$version"
    python3 "$here/wheel.py" "$out" "$version"
    python3 "$here/image.py" "$out" "$version"
    cd "$out"
    sha256sum play ./*.deb ./*.whl ./*.tar ./*.json | sed 's|\./||' >SHA256SUMS
    ls -l
}

# glibc itself is linked in: the binary needs nothing of the system that it runs on, not even a C library.
# (Names of hosts are resolved by /etc/hosts and DNS; other sources of nsswitch.conf are not asked.)
compile() {
    "$root/tests/packages.sh" libc6-dev libssl-dev zlib1g-dev pkg-config
    # `--target` keeps the flags away from what runs while compiling.
    OPENSSL_STATIC=1 LIBZ_SYS_STATIC=1 \
        CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=$root=/play --remap-path-prefix=$HOME/.cargo=/cargo" \
        cargo build --locked --profile packaged --target "$target" --target-dir "$root/target" \
        --manifest-path "$root/Cargo.toml"
}

main "$@"
