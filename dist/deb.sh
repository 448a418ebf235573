#!/bin/sh
# Makes the Debian package: deb.sh FOLDER VERSION
#
# The binary is /usr/bin/play-cli, a name that is always ours. /usr/bin/play belongs to sox where that is
# installed; where it is not, `play` is an alternative that leads to us.
set -eu
out=$1
version=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

install -D -m 755 "$out/play" "$stage/usr/bin/play-cli"
doc=$stage/usr/share/doc/play-cli
install -D -m 644 "$here/copyright" "$doc/copyright"
install -m 644 "$here/../README.md" "$here/../CHANGELOG.md" "$doc/"
install -m 644 "$out/play-$version.cdx.json" "$doc/sbom.cdx.json"
for page in "$out"/man/*; do
    install -D -m 644 "$page" "$stage/usr/share/man/man1/$(basename "$page" | sed 's/^play/play-cli/')"
done
gzip -9n "$stage"/usr/share/man/man1/*
for shell in bash zsh fish; do
    case $shell in
    bash) path=bash-completion/completions/play-cli ;;
    zsh) path=zsh/vendor-completions/_play-cli ;;
    fish) path=fish/vendor_completions.d/play-cli.fish ;;
    esac
    mkdir -p "$stage/usr/share/$(dirname "$path")"
    sed 's/\<play\>/play-cli/g; s/_clap_complete_play-cli/_clap_complete_play_cli/g' \
        "$out/completions/play.$shell" >"$stage/usr/share/$path"
done
mkdir "$stage/DEBIAN"
cat >"$stage/DEBIAN/control" <<END
Package: play-cli
Version: $version
Architecture: amd64
Maintainer: the play authors <play@localhost>
Installed-Size: $(du -sk "$stage/usr" | cut -f1)
Section: admin
Priority: optional
Suggests: git
Description: agentless configuration management that runs Ansible playbooks
 One native binary reads the playbooks, inventories, roles and vault files of
 Ansible and brings hosts into the described state, over SSH. A managed host
 needs sshd and /bin/sh, nothing else.
 .
 Where sox is not installed, the command is also called play.
END
cat >"$stage/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    # sox has a /usr/bin/play of its own, which stays.
    if dpkg-query -S /usr/bin/play >/dev/null 2>&1; then
        echo "play-cli: /usr/bin/play belongs to another package; call play-cli"
    else
        update-alternatives --install /usr/bin/play play /usr/bin/play-cli 50
    fi
fi
END
cat >"$stage/DEBIAN/prerm" <<'END'
#!/bin/sh
set -e
case $1 in
remove | deconfigure)
    # A sox that was installed after us has put its own file there.
    if dpkg-query -S /usr/bin/play >/dev/null 2>&1; then
        rm -f /etc/alternatives/play /var/lib/dpkg/alternatives/play
    else
        update-alternatives --remove play /usr/bin/play-cli
    fi
    ;;
esac
END
chmod 755 "$stage/DEBIAN/postinst" "$stage/DEBIAN/prerm"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$stage" "$out/play-cli_${version}_amd64.deb" >/dev/null
