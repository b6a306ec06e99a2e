# Sourced by the commands in bin/ and by make-cds; $home is the distribution, $command the command's name.
# Finds Java and starts the command in its own process (exec), so that signals reach it.

minimum=17
version=@project.version@

complain() {
    echo "$command: $*" >&2
}

# Sets java_version to the version of the java given, "" when it is none. The file "release" beside it is asked first:
# starting a JVM only to ask takes longer than many a command.
java_version_of() {
    java_version=
    [ -x "$1" ] || return 0
    real=$(readlink -f "$1")
    if [ -r "${real%/bin/java}/release" ]; then
        while IFS='=' read -r key value; do
            if [ "$key" = JAVA_VERSION ]; then
                value=${value#\"}
                java_version=${value%\"}
                return 0
            fi
        done < "${real%/bin/java}/release"
    fi
    java_version=$("$1" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)
}

# Sets java and java_version to the first Java that is new enough.
find_java() {
    older=
    for java in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} "$(command -v java || :)" /usr/lib/jvm/*/bin/java; do
        java_version_of "$java"
        major=${java_version%%[!0-9]*}
        if [ -n "$major" ] && [ "$major" -ge "$minimum" ]; then
            return 0
        fi
        [ -z "$java_version" ] || older="$older $java ($java_version)"
    done
    if [ -n "$older" ]; then
        complain "needs Java $minimum or later, found only$older; install openjdk-17-jre-headless or set JAVA_HOME"
    else
        complain "needs Java $minimum or later and found none; install openjdk-17-jre-headless or set JAVA_HOME"
    fi
    return 1
}

# Names of files are bytes to the kernel and UTF-8 to us; in another locale the JVM would garble them.
use_utf8() {
    case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in
        *UTF-8* | *utf8* | *UTF8* | *utf-8*) ;;
        *) LC_ALL=C.UTF-8; export LC_ALL ;;
    esac
}

# Sets jar and flags for $command. Commands live for an instant, so they get the quick compiler only. Netty's flight
# recorder events and its search for a machine identity cost a tenth of a second each time, for nothing here.
settings() {
    netty=-Dio.grpc.netty.shaded.io.netty
    quiet="$netty.jfr.enabled=false $netty.machineId=00:00:00:00:00:00:00:01 $netty.processId=1"
    case $command in
        fedfs)
            jar=fedfs-cli
            flags="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Xmx256m
                -Dsun.reflect.inflationThreshold=1000000"
            own=${FEDFS_JAVA_OPTS-}
            ;;
        fedfs-mount)
            jar=fedfs-fuse-mount
            # What a full collection finds free goes back to the system (io.fedfs.mount.HeapReturn).
            flags="-XX:+UseSerialGC -Xms64m -Xmx384m -XX:MinHeapFreeRatio=25 -XX:MaxHeapFreeRatio=40 -XX:-ShrinkHeapInSteps
                -XX:+ExitOnOutOfMemoryError"
            own="${FEDFS_JAVA_OPTS-} ${FEDFS_MOUNT_JAVA_OPTS-}"
            ;;
        fedfs-nsdb)
            jar=fedfs-nsdb-server
            flags="-XX:+UseG1GC -Xms64m -Xmx512m -XX:+ExitOnOutOfMemoryError"
            own="${FEDFS_JAVA_OPTS-} ${FEDFS_NSDB_JAVA_OPTS-}"
            ;;
        fedfs-server)
            jar=fedfs-fileserver
            flags="-XX:+UseSerialGC -Xmx256m -XX:+ExitOnOutOfMemoryError"
            own="${FEDFS_JAVA_OPTS-} ${FEDFS_SERVER_JAVA_OPTS-}"
            ;;
        *)
            complain "this name is not one of fedfs, fedfs-mount, fedfs-nsdb, fedfs-server, mount.fedfs"
            exit 8
            ;;
    esac
    flags="$flags $quiet"
    # A class-data archive belongs to one JDK and one place. Another JDK has another name here, and finds none.
    archive=$home/lib/$jar-$java_version.jsa
}

# mount(8) calls: mount.fedfs SPEC DIR [-sfnv] [-N NAMESPACE] [-o OPTIONS] [-t TYPE]
mount_helper() {
    root=$1
    directory=$2
    [ $# -ge 2 ] || { complain "usage: mount.fedfs ROOT MOUNTPOINT [-o OPTIONS]"; exit 1; }
    shift 2
    options=
    while getopts sfnvN:o:t: option; do
        case $option in
            f) exit 0 ;;
            o) options=${options:+$options,}$OPTARG ;;
            s | n | v | N | t) ;;
            *) exit 1 ;;
        esac
    done
    command=fedfs-mount
    # mount(8) knows 0 for done and 32 for a failed mount.
    if [ -n "$options" ]; then
        "$home/bin/fedfs-mount" "$root" "$directory" -o "$options" || exit 32
    else
        "$home/bin/fedfs-mount" "$root" "$directory" || exit 32
    fi
    exit 0
}

# Whether fedfs-mount was asked to stay in the foreground, or only to say something.
stays() {
    in_options=
    for word; do
        if [ -n "$in_options" ]; then
            case ,$word, in *,foreground,*) return 0 ;; esac
            in_options=
        fi
        case $word in
            -f | --foreground | -h | --help | -V | --version) return 0 ;;
            -o) in_options=1 ;;
            -o*) case ,${word#-o}, in *,foreground,*) return 0 ;; esac ;;
        esac
    done
    return 1
}

# Runs a command detached and ends when it has written to descriptor 3 (then with 0) or has ended (then with its code).
# The pipe gets an end of file as soon as the command is gone, however it went.
detach() {
    pipe=$(mktemp -u "${TMPDIR:-/tmp}/fedfs-ready.XXXXXXXXXX") && mkfifo -m 600 "$pipe" || exit 1
    (
        exec 3>"$pipe"
        FEDFS_READY_FD=3 exec setsid "$@"
    ) &
    child=$!
    trap 'rm -f "$pipe"; kill "$child" 2>/dev/null; exit 130' INT TERM HUP
    exec 4<"$pipe"
    rm -f "$pipe"
    if read -r word <&4 && [ "$word" = ready ]; then
        exit 0
    fi
    wait "$child"
    code=$?
    # Ended well without a word: nothing is mounted all the same.
    [ "$code" -ne 0 ] || code=15
    exit "$code"
}

launch() {
    if [ "$command" = mount.fedfs ]; then
        mount_helper "$@"
    fi
    find_java || exit 1
    use_utf8
    settings
    if [ -r "$archive" ]; then
        flags="$flags -Xshare:auto -XX:SharedArchiveFile=$archive -Xlog:cds=off -Xlog:cds+dynamic=off"
    fi
    # The flags are lists of words.
    # shellcheck disable=SC2086
    if [ "$command" = fedfs-mount ] && ! stays "$@"; then
        detach "$java" $flags $own -jar "$home/lib/$jar-$version.jar" "$@"
    fi
    # shellcheck disable=SC2086
    exec "$java" $flags $own -jar "$home/lib/$jar-$version.jar" "$@"
}
