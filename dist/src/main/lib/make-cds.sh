#!/bin/sh
# Makes the class-data archives that let the commands start fast. An archive belongs to one JDK and one place, so this is
# run when the distribution is built and again when it is installed elsewhere. Without archives everything works, slower.
home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
command=make-cds
. "$home/lib/launch.sh"
find_java || exit 1
rm -f "$home"/lib/*.jsa
work=$(mktemp -d) || exit 1
nsdb=
server=
trap 'for pid in $nsdb $server; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Runs a command and notes which classes it loads.
runs=0
rehearse() {
    runs=$((runs + 1))
    list=$work/$1.$runs
    FEDFS_JAVA_OPTS="-XX:DumpLoadedClassList=$list" timeout 60 "$home/bin/$@" > "$work/out" 2>&1
}

# A mount that is looked into, in a mount namespace of its own, so that nothing of it can stay behind.
rehearse_mount() {
    mkdir "$work/root" "$work/mnt"
    rehearse fedfs fileset create --nsdb "$address" --path "$work/root"
    root=$(cat "$work/out")
    rehearse fedfs junction create "$work/root/tree" "$fsn"
    [ -c /dev/fuse ] && [ "$(id -u)" = 0 ] && command -v unshare > /dev/null || return 0
    echo rehearsed > "$work/tree/file"
    FEDFS_RUN_DIR=$work FEDFS_JAVA_OPTS="-XX:DumpLoadedClassList=$work/fedfs-mount.0" timeout -s KILL 60 \
        unshare -m sh -c '
            mount=$1; root=$2; work=$3; fedfs=$4
            "$mount" "$root" "$work/mnt" -o "local_root=$work,state=$work/state,log=$work/log" || exit 1
            ls -lR "$work/mnt" && cat "$work/mnt/tree/file" && FEDFS_JAVA_OPTS= "$fedfs" where "$work/mnt/tree/file"
            umount "$work/mnt"
        ' sh "$home/bin/fedfs-mount" "$root" "$work" "$home/bin/fedfs" > "$work/out" 2>&1
    waited=0
    # The daemon takes its control socket away last of all.
    while ls "$work"/*.sock > /dev/null 2>&1 && [ $waited -lt 100 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
}

# An agent that makes a fileset and a junction.
rehearse_server() {
    mkdir "$work/export" "$work/export/set"
    printf 'exports:\n  - path: %s\n' "$work/export" > "$work/server.yaml"
    FEDFS_JAVA_OPTS="-XX:DumpLoadedClassList=$work/fedfs-server.1" \
        "$home/bin/fedfs-server" serve --config "$work/server.yaml" --state "$work/agent" --listen 127.0.0.1:0 \
        > "$work/serving" 2> "$work/server.log" &
    server=$!
    waited=0
    while [ ! -s "$work/serving" ] && kill -0 "$server" 2>/dev/null && [ $waited -lt 100 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
    agent=$(sed -n 's/.*\(127\.0\.0\.1:[0-9][0-9]*\).*/\1/p' "$work/serving")
    rehearse fedfs server exports "${agent:-127.0.0.1:1}"
    rehearse fedfs server promote "${agent:-127.0.0.1:1}:$work/export/set" --nsdb "$address"
    rehearse fedfs link "${agent:-127.0.0.1:1}:$work/export/link" "${agent:-127.0.0.1:1}:$work/export/set"
}

archive() {
    command=$1
    settings
    cat "$work/$1".[0-9]* 2>/dev/null | grep -v '^#' | sort -u > "$work/$1.all"
    if ! timeout 120 "$java" -Xshare:dump -Xlog:disable -Xlog:all=error:stderr -XX:SharedClassListFile="$work/$1.all" \
        -XX:SharedArchiveFile="$work/$1.jsa" -cp "$home/lib/$jar-$version.jar" > "$work/$1.said" 2>&1; then
        echo "make-cds: no archive for $1: $(tail -n 1 "$work/$1.said")" >&2
        return 0
    fi
    chmod 644 "$work/$1.jsa"
    mv "$work/$1.jsa" "$archive"
}

FEDFS_JAVA_OPTS="-XX:DumpLoadedClassList=$work/fedfs-nsdb.1" \
    "$home/bin/fedfs-nsdb" serve --data "$work/data" --listen 127.0.0.1:0 > "$work/listening" 2> "$work/nsdb.log" &
nsdb=$!
rehearse fedfs --help
rehearse fedfs where /
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
rehearse fedfs fsn list --nsdb "$address" --json
rehearse fedfs resolve "$fsn"
rehearse_server
rehearse fedfs-mount --help
rehearse_mount
for pid in $nsdb $server; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
nsdb=
server=
archive fedfs &
archive fedfs-mount &
archive fedfs-nsdb &
archive fedfs-server &
wait
