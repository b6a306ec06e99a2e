# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# How long until a mount answers, and the commands.

measure_start() {
    say "start times"
    for round in $(seq "$((ROUNDS * 2))"); do
        for engine in "${ENGINES[@]}"; do
            mkdir -p "$W/mnt/start"
            ms=$(with_ring "$engine" "$W/ops" --time "$FEDFS/fedfs-mount" "$FSN" "$W/mnt/start" -o "$(options "$engine" "$W/mnt/start")")
            echo "start-mount $ms" | record "$engine"
            umount "$W/mnt/start"
        done
        echo "start-help $("$W/ops" --time "$FEDFS/fedfs" --help)" | record command
        echo "start-where $("$W/ops" --time "$FEDFS/fedfs" where "$W/mnt/kernel")" | record command
        echo "start-resolve $("$W/ops" --time "$FEDFS/fedfs" resolve "$FSN")" | record command
    done
}

print_start() {
    [ -n "$(median start-help command)" ] || return 0
    echo
    echo "| until it is done | unit | |"
    echo "|---|---|---|"
    echo "| \`fedfs-mount\`, kernel session: the mount answers | ms | $(number "$(median start-mount kernel)") |"
    echo "| \`fedfs-mount\`, kernel session over io_uring: the mount answers | ms | $(number "$(median start-mount ring)") |"
    echo "| \`fedfs-mount\`, jnr-fuse: the mount answers | ms | $(number "$(median start-mount jnr)") |"
    echo "| \`fedfs --help\` | ms | $(number "$(median start-help command)") |"
    echo "| \`fedfs where PATH\` | ms | $(number "$(median start-where command)") |"
    echo "| \`fedfs resolve FSN\` | ms | $(number "$(median start-resolve command)") |"
}
