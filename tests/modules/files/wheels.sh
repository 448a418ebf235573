#!/bin/sh
# Makes a folder of tiny wheels: wheels.sh FOLDER
#
# case-tool 1.0 and 2.0, case-other 1.0; requirements.txt names two of them.
set -eu
mkdir -p "$1"
cd "$1"

# wheel MODULE NAME VERSION
wheel() {
    info=$1-$3.dist-info
    mkdir "$info"
    echo "version = '$3'" >"$1.py"
    printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$2" "$3" >"$info/METADATA"
    printf 'Wheel-Version: 1.0\nGenerator: case\nRoot-Is-Purelib: true\nTag: py3-none-any\n' >"$info/WHEEL"
    printf '%s,,\n' "$1.py" "$info/METADATA" "$info/WHEEL" "$info/RECORD" >"$info/RECORD"
    python3 -m zipfile -c "$1-$3-py3-none-any.whl" "$1.py" "$info"
    rm -r "$1.py" "$info"
}

wheel case_tool case-tool 1.0
wheel case_tool case-tool 2.0
wheel case_other case-other 1.0
printf 'case-tool==1.0\ncase-other\n' >requirements.txt
