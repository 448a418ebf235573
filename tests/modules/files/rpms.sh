#!/bin/sh
# Makes a repository of tiny packages: rpms.sh FOLDER
#
# case-tool 1.0 and 2.0, which needs case-lib of the same version; case-other 1.0, which needs nothing.
set -eu
folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/case.spec" <<'SPEC'
Name: case
Version: %{v}
Release: 1
Summary: A case
License: MIT
BuildArch: noarch
%description
A case.
%package -n case-tool
Summary: A tool
Requires: case-lib = %{v}
%description -n case-tool
A tool.
%package -n case-lib
Summary: What a tool needs
%description -n case-lib
What a tool needs.
%package -n case-other
Summary: Something else
%description -n case-other
Something else.
%install
mkdir -p %{buildroot}/opt/case
for name in tool lib other; do echo "$name %{v}" >%{buildroot}/opt/case/$name; done
touch -d 2001-02-03T04:05:0%{v} %{buildroot}/opt/case/*
%files -n case-tool
/opt/case/tool
%files -n case-lib
/opt/case/lib
%files -n case-other
/opt/case/other
SPEC

for version in 1.0 2.0; do
    rpmbuild -bb --quiet --define "v $version" --define "_topdir $work" --define "_rpmdir $folder" \
        --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$work/case.spec"
done
rm -f "$folder"/case-other-2.0-*
createrepo_c -q "$folder"

# Debian's rpm keeps its database in root's home, where zypper does not look for it.
mkdir -p /etc/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
rpm --initdb
