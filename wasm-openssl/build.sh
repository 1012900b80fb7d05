#!/usr/bin/env bash
# Builds OpenSSL's libcrypto and libssl as static libraries, unpatched.
#
#   wasm-openssl/build.sh wasm|native TARBALL OUTPUT_DIRECTORY
#
# Runs where the compilers are (see scripts/run-in-toolchain.mjs). OUTPUT_DIRECTORY gets include/ and
# lib/; it appears only when the build has succeeded. scripts/lib/openssl.mjs checks the tarball's hash.
set -euo pipefail

if [ $# -ne 3 ]; then
  echo "usage: build.sh wasm|native TARBALL OUTPUT_DIRECTORY" >&2
  exit 2
fi
target=$1
tarball=$(realpath "$2")
output=$(realpath -m "$3")
recipe=$(cd "$(dirname "$0")" && pwd)

# OpenSSL's Makefile does not survive a space in a path: build in a directory without one. Only
# copies of the recipe are named in there.
work=$(mktemp -d "${TMPDIR:-/tmp}/wasm-tls-openssl.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/recipe" "$work/source"
cp -R "$recipe"/{targets.conf,cc-by-path,levels.txt,options.txt,objects.txt,include} "$work/recipe/"
chmod +x "$work/recipe/cc-by-path"
export PATH="$work/recipe:$PATH"

tar -xf "$tarball" -C "$work/source" --strip-components=1
mapfile -t options < <(awk -v target="$target" \
  '$1 == target || $1 == "both" { print $2 }' "$recipe/options.txt")

case $target in
  wasm) configuration=wasm-tls-wasm32 ;;
  native) configuration=wasm-tls-native-$(uname -m) ;;
  *)
    echo "build.sh: unknown target '$target'" >&2
    exit 2
    ;;
esac

if [ "$target" = native ]; then
  # Debian installs versioned names only.
  for tool in clang clang++; do
    command -v "$tool" >/dev/null || ln -s "$(command -v "$tool-19")" "$work/recipe/$tool"
  done
fi

cd "$work/source"
# The prefix goes into strings of the library; it must not tell where it was built.
# Configure takes compilers and flags of the environment; ours come from the target alone.
env -u CC -u CXX -u CFLAGS -u CPPFLAGS -u LDFLAGS \
  perl Configure "$configuration" --config="$work/recipe/targets.conf" \
  --prefix=/nonexistent --openssldir=/nonexistent --libdir=lib \
  "${options[@]}" >configure.log 2>&1 || {
  cat configure.log >&2
  exit 1
}

# The table of objects is generated, by a script of OpenSSL's that leaves out what has no number.
objects=$(awk '!/^#/ && NF { printf "%s%s", separator, $1; separator = "|" }' "$work/recipe/objects.txt")
grep -vE "^#define NID_($objects)" include/openssl/obj_mac.h >"$work/obj_mac.h"
perl crypto/objects/obj_dat.pl "$work/obj_mac.h" >"$work/obj_dat.h"
mv "$work/obj_dat.h" crypto/objects/obj_dat.h

make -j"$(nproc)" build_generated
make -j"$(nproc)" libcrypto.a libssl.a

mkdir -p "$(dirname "$output")"
staging=$(mktemp -d "$output.XXXXXX")
chmod 755 "$staging"
mkdir "$staging/lib"
cp libcrypto.a libssl.a "$staging/lib/"
cp -R include "$staging/include"
find "$staging/include" -name '*.in' -delete
# What src/provider and src/stand_ins are made of: the implementations inside libcrypto, and what they share.
mkdir -p "$staging/include/prov" "$staging/include/local"
cp providers/implementations/include/prov/*.h providers/common/include/prov/*.h "$staging/include/prov/"
cp providers/implementations/ciphers/*.h crypto/{bn,ec,evp,rsa,sha}/*_local.h "$staging/include/local/"
cp crypto/provider_local.h "$staging/include/crypto/"
cp LICENSE.txt "$staging/"
rm -rf "$output"
mv "$staging" "$output"
