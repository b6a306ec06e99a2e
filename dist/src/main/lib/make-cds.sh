#!/bin/sh
# Makes the class-data archives that let the commands start fast. An archive belongs to one JDK and one place, so this is
# run when the distribution is built and again when it is installed elsewhere. Without archives everything works, slower.
set -u
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
command=make-cds
. "$home/lib/launch.sh"
find_java || exit 1
work=$(mktemp -d) || exit 1
nsdb=
trap 'if [ -n "$nsdb" ]; then kill "$nsdb" 2>/dev/null; wait "$nsdb" 2>/dev/null; fi; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Runs a command and notes which classes it loads.
runs=0
rehearse() {
    runs=$((runs + 1))
    list=$work/$1.$runs
    FEDFS_JAVA_OPTS="-Xshare:off -XX:DumpLoadedClassList=$list" timeout 60 "$home/bin/$@" > "$work/out" 2>&1
}

archive() {
    command=$1
    settings
    cat "$work/$1".* 2>/dev/null | grep -v '^#' | sort -u > "$work/all"
    if [ ! -s "$work/all" ]; then
        echo "make-cds: no classes were loaded by $1; no archive for it" >&2
        return 0
    fi
    rm -f "$home/lib/$jar"-*.jsa
    if ! timeout 120 "$java" -Xshare:dump -Xlog:disable -Xlog:all=error:stderr -XX:SharedClassListFile="$work/all" \
        -XX:SharedArchiveFile="$work/$jar.jsa" -cp "$home/lib/$jar-$version.jar" > "$work/out" 2>&1; then
        echo "make-cds: no archive for $1: $(tail -n 1 "$work/out")" >&2
        return 0
    fi
    mv "$work/$jar.jsa" "$archive"
}

FEDFS_JAVA_OPTS="-Xshare:off -XX:DumpLoadedClassList=$work/fedfs-nsdb.1" \
    "$home/bin/fedfs-nsdb" serve --data "$work/data" --listen 127.0.0.1:0 > "$work/listening" 2> "$work/nsdb.log" &
nsdb=$!
rehearse fedfs --help
rehearse fedfs where /
rehearse fedfs status --json
waited=0
while [ ! -s "$work/listening" ] && kill -0 "$nsdb" 2>/dev/null && [ $waited -lt 100 ]; do
    sleep 0.1
    waited=$((waited + 1))
done
address=$(sed -n 's/.*\(127\.0\.0\.1:[0-9][0-9]*\).*/\1/p' "$work/listening")
address=${address:-127.0.0.1:1}
mkdir "$work/tree"
rehearse fedfs fileset create --nsdb "$address" --path "$work/tree"
fsn=$(cat "$work/out")
rehearse fedfs fsn list --nsdb "$address"
rehearse fedfs fsn list --nsdb "$address" --json
rehearse fedfs resolve "$fsn"
rehearse fedfs junction create "$work/junction" "$fsn"
rehearse fedfs-mount --help
rehearse fedfs-mount "$fsn" "$work/nowhere"
kill "$nsdb" 2>/dev/null && wait "$nsdb" 2>/dev/null
nsdb=
archive fedfs
archive fedfs-mount
archive fedfs-nsdb
