# Sourced by the scripts: messages, what a machine needs, the build. The caller's working directory is the project's.

# How long the network and the build may take at most, seconds.
APT_BOUND=900
BUILD_BOUND=1500

say() { echo "$(basename "$0"): $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Installs packages; each argument is one, or several names of the same thing over the distributions ("a|b").
install_packages() {
    local wanted=() choice name
    [ "$(id -u)" = 0 ] || fail "needs $* and may not install it: run it as root, or apt-get install $* before"
    command -v apt-get > /dev/null || fail "needs $* and knows only apt-get to get it: install it, then run this again"
    export DEBIAN_FRONTEND=noninteractive
    say "installing $*"
    timeout "$APT_BOUND" apt-get -q update > /dev/null 2>&1 || say "apt-get update failed; trying with the lists there are"
    for choice; do
        for name in ${choice//|/ }; do
            if [ -n "$(apt-cache show --no-all-versions "$name" 2> /dev/null)" ]; then
                wanted+=("$name")
                continue 2
            fi
        done
        fail "apt-get knows no package ${choice//|/ or }: install it by other means, then run this again"
    done
    timeout "$APT_BOUND" apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "${wanted[@]}" \
        > /dev/null || fail "apt-get install ${wanted[*]} failed: is there a network?"
}

# The major version of the javac on the path, 0 when there is none.
javac_major() {
    local version
    version=$(javac -version 2> /dev/null | sed -n 's/^javac \([0-9]*\).*/\1/p')
    echo "${version:-0}"
}

# What building needs: a JDK of 17 or later, Maven 3.8.7 or later.
require_build_tools() {
    local missing=() maven
    [ "$(javac_major)" -ge 17 ] || missing+=(openjdk-17-jdk-headless)
    command -v mvn > /dev/null || missing+=(maven)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
    [ "$(javac_major)" -ge 17 ] || fail "javac on the path is older than 17: put a newer one first"
    maven=$(mvn -version 2> /dev/null | sed -n '1s/.*Apache Maven \([0-9.]*\).*/\1/p')
    [ "$(printf '%s\n' 3.8.7 "$maven" | sort -V | head -n 1)" = 3.8.7 ] \
        || fail "needs Maven 3.8.7 or later, and mvn is ${maven:-not usable}: install a newer one"
}

# What mounting needs: the device, and root because attaching and passthrough are privileged.
require_fuse() {
    [ "$(id -u)" = 0 ] || fail "needs root, to mount: sudo scripts/$(basename "$0")"
    if [ ! -c /dev/fuse ]; then
        modprobe fuse 2> /dev/null || :
    fi
    [ -c /dev/fuse ] || fail "needs /dev/fuse: modprobe fuse, or give the container the device and CAP_SYS_ADMIN"
    command -v fusermount3 > /dev/null || install_packages fuse3
}

# Builds target/fedfs unless it is newer than everything it is made from.
build_distribution() {
    local built=target/fedfs/share/bash-completion/completions/fedfs
    if [ -s "$built" ] && [ -z "$(find pom.xml ./*/pom.xml ./*/src nsdb-stub/*/pom.xml nsdb-stub/*/src -newer "$built" \
        -type f -print -quit)" ]; then
        return 0
    fi
    require_build_tools
    say "building (the first time downloads libraries)"
    timeout "$BUILD_BOUND" mvn -q -B -DskipTests -pl dist -am package \
        || fail "the build failed; what it said is above"
}

# ---- a small federation for a script that cleans up after itself

# A port of this host that nobody listens on.
free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 20000))
        (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
    done
    fail "no free port"
}

# start_nsdb DIRECTORY: starts an NSDB with its store and log there, and waits until it answers. Sets NSDB (its address) and NSDB_PID.
start_nsdb() {
    NSDB=127.0.0.1:$(free_port)
    mkdir -p "$1"
    mkfifo "$1/says"
    target/fedfs/bin/fedfs-nsdb serve --data "$1/store" --listen "$NSDB" > "$1/says" 2> "$1/log" &
    NSDB_PID=$!
    read -r -t 60 _ < "$1/says" || fail "fedfs-nsdb does not start: $(cat "$1/log")"
}

# Ends what start_nsdb started.
stop_nsdb() {
    [ -n "${NSDB_PID-}" ] || return 0
    kill "$NSDB_PID" 2> /dev/null && wait "$NSDB_PID" 2> /dev/null || :
    NSDB_PID=
}

# unmount POINT: also when something holds it for a moment; in the end detaches it.
unmount() {
    for _ in 1 2 3 4 5; do
        mountpoint -q "$1" || return 0
        umount "$1" 2> /dev/null && return 0
        sleep 1
    done
    say "the mount is still busy"
    umount -l "$1"
}
