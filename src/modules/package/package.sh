# package: finds the host's package manager.
# out:  manager
package_main() {
	for candidate in apt-get:apt dnf5:dnf dnf:dnf yum:dnf zypper:zypper pacman:pacman apk:apk \
		xbps-install:xbps emerge:portage pkg:pkgng pkg_add:openbsd_pkg opkg:opkg swupd:swupd; do
		have "${candidate%%:*}" || continue
		# RPM hosts may have apt-get too (apt-rpm).
		case ${candidate} in
		(apt-get:*) have dpkg || continue ;;
		esac
		answer manager "${candidate#*:}"
		return 0
	done
	fail 'Could not detect a package manager. Try using the "use" option.'
}
