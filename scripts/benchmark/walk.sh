# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# What the daemon holds after a walk over many files, and after the kernel has forgotten them.

measure_walk() {
    [ "$FILES" -gt 0 ] || return 0
    say "a tree of $FILES files"
    mkdir "$W/data/tree"
    for ((d = 0; d * 1000 < FILES; d++)); do
        mkdir "$W/data/tree/$d"
        (cd "$W/data/tree/$d" && seq 1000 | xargs touch)
    done
    held() { # ROW ENGINE
        local pid
        pid=$(daemon_of "$2")
        echo "$1-rss $(awk '/^VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$pid/status")" | record "$2"
        echo "$1-fds $(ls "/proc/$pid/fd" | wc -l)" | record "$2"
    }
    for engine in "${ENGINES[@]}"; do
        say "walking it: $engine"
        held before "$engine"
        ms=$("$W/ops" --time find "$(at "$engine")/tree" -type f -size +1)
        echo "walk-time $ms" | record "$engine"
        ms=$("$W/ops" --time find "$(at "$engine")/tree" -type f -size +1)
        echo "walk-again $ms" | record "$engine"
        held walked "$engine"
        echo 2 >/proc/sys/vm/drop_caches
        # The forgets have to drain, and the daemon looks every five seconds whether it has too much.
        sleep $((FILES / 100000 + 12))
        held forgotten "$engine"
    done
    rm -rf "$W/data/tree"
}

print_walk() {
    [ -n "$(median walk-time kernel)" ] || return 0
    echo
    echo "| a walk over $FILES files | unit | kernel session, device | io_uring | jnr-fuse |"
    echo "|---|---|---|---|---|"
    echo "| \`find -type f -size +1\` | ms | $(columns walk-time) |"
    echo "| again | ms | $(columns walk-again) |"
    for when in before walked forgotten; do
        case $when in before) text="before" ;; walked) text="after the walk" ;; *) text="after the kernel forgot it" ;; esac
        echo "| resident memory $text | MiB | $(columns $when-rss) |"
        echo "| descriptors $text | | $(columns $when-fds) |"
    done
}
