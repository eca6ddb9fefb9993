#!/bin/sh
# Fetches a package from npm and makes its copy in this folder. Needs npm, tar and GNU sed.
#
#   static/vendor/update.sh nhsuk-frontend 10.6.1
#   static/vendor/update.sh htmx 4.0.1
#
# The copy of nhsuk-frontend differs from the published files in three ways, all needed here:
# 1. No @font-face: Frutiger comes from assets.nhs.uk and is licensed to NHS websites alone. Without
#    it the pages use Arial, and no request leaves the server.
# 2. Pictures are looked for beside the style sheet instead of at /assets/images/.
# 3. No sourceMappingURL: the maps are not shipped, and collectstatic stops on a missing file.
# The copy of htmx has the third alone.
set -eu

usage="usage: update.sh nhsuk-frontend|htmx VERSION, for example update.sh nhsuk-frontend 10.6.1"
package="${1:?$usage}"
version="${2:?$usage}"
here="$(cd "$(dirname "$0")" && pwd)"
target="$here/$package-$version"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fetch() {
    (cd "$work" && npm pack --silent "$1@$version" && tar xf "$1-$version.tgz")
}

nhsuk_frontend() {
    fetch nhsuk-frontend
    dist="$work/package/dist/nhsuk"
    mkdir -p "$target/images"
    sed -E -e 's/@font-face\{[^}]*\}//g' -e 's#url\(/assets/images/#url(images/#g' \
        -e '/sourceMappingURL/d' "$dist/nhsuk-frontend-$version.min.css" \
        >"$target/nhsuk-frontend.min.css"
    sed -E '/sourceMappingURL/d' "$dist/nhsuk-frontend-$version.min.js" \
        >"$target/nhsuk-frontend.min.js"
    for icon in $(grep -oE 'url\(images/[a-z-]+\.svg' "$target/nhsuk-frontend.min.css" |
        sort -u | cut -d/ -f2); do
        cp "$dist/assets/images/$icon" "$target/images/$icon"
    done
    used_in="templates/base.html and static/js/init.mjs"
}

htmx() {
    fetch htmx.org
    mkdir -p "$target"
    sed -E '/^\/\/# sourceMappingURL/d' "$work/package/dist/htmx.min.js" >"$target/htmx.min.js"
    cp "$work/package/LICENSE" "$target/LICENCE"
    used_in="templates/components/htmx.html"
}

case "$package" in
nhsuk-frontend) nhsuk_frontend ;;
htmx) htmx ;;
*)
    echo "$usage" >&2
    exit 1
    ;;
esac

if find "$target" -name '*.css' -o -name '*.js' |
    xargs grep -nE '@font-face|sourceMappingURL|url\((/|https?:)'; then
    echo "The lines above still point outside this folder." >&2
    exit 1
fi
echo "Made $target. Now change the folder's name in $used_in."
