#!/bin/sh
# Makes a repository of tiny packages, and has pacman use it: pacmans.sh FOLDER
#
# In FOLDER/case: case-tool 2.0, which needs case-lib 2.0, and case-other 1.0. Beside it: case-tool and case-lib 1.0,
# and case-base and case-dep, which are installed: Ansible fails where none is, or none as a dependency.
set -eu
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder/case"

# package FOLDER NAME VERSION [LINE...]
package() {
    to=$1 name=$2 version=$3
    shift 3
    rm -rf "$work/root"
    mkdir -p "$work/root/opt/case"
    echo "$name $version" >"$work/root/opt/case/$name"
    # One time for all versions, whichever second they are made in.
    touch -d 2001-02-03 "$work/root/opt/case/$name"
    {
        printf '%s\n' "pkgname = $name" "pkgbase = case" "pkgver = $version-1" "pkgdesc = A case" \
            "url = http://example.invalid" "builddate = 1000000000" "packager = nobody" "size = 10" "arch = any"
        [ $# = 0 ] || printf '%s\n' "$@"
    } >"$work/root/.PKGINFO"
    tar -C "$work/root" --owner=0 --group=0 -czf "$to/$name-$version-1-any.pkg.tar.gz" .PKGINFO opt
}

package "$folder/case" case-tool 2.0 'depend = case-lib'
package "$folder/case" case-lib 2.0
package "$folder/case" case-other 1.0 'group = case-group'
package "$folder" case-tool 1.0 'depend = case-lib'
package "$folder" case-lib 1.0
package "$folder" case-base 1.0
package "$folder" case-dep 1.0
repo-add -q "$folder/case/case.db.tar.gz" "$folder"/case/*.pkg.tar.gz
printf '[case]\nSigLevel = Optional TrustAll\nServer = file://%s/case\n' "$folder" >>/etc/pacman.conf
pacman --upgrade --noconfirm "$folder/case-base-1.0-1-any.pkg.tar.gz" >/dev/null
pacman --upgrade --noconfirm --asdeps "$folder/case-dep-1.0-1-any.pkg.tar.gz" >/dev/null
