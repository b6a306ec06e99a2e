# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# 1,000 closed junctions against 1,000 plain directories, by ls -l with cold dentries.

measure_junctions() {
    say "1,000 junctions"
    mkdir "$W/data/plain" "$W/data/junctions"
    (cd "$W/data/plain" && seq -f 'd%04g' 1000 | xargs mkdir)
    "$FEDFS/fedfs" junction create "$W/data/junctions/j0001" "$FSN" >&2
    for i in $(seq -f 'j%04g' 2 1000); do cp -a "$W/data/junctions/j0001" "$W/data/junctions/$i"; done
    for round in $(seq "$((ROUNDS * 2))"); do
        for engine in "${ENGINES[@]}"; do
            for kind in plain junctions; do
                echo 2 >/proc/sys/vm/drop_caches
                sleep 0.2
                echo "ls-$kind $("$W/ops" --time ls -l "$(at "$engine")/$kind")" | record "$engine"
            done
        done
    done
    rm -rf "$W/data/plain" "$W/data/junctions"
}

print_junctions() {
    [ -n "$(median ls-plain kernel)" ] || return 0
    echo
    echo "| \`ls -l\`, cold dentries | unit | kernel session, device | io_uring | jnr-fuse |"
    echo "|---|---|---|---|---|"
    echo "| 1,000 plain directories | ms | $(columns ls-plain) |"
    echo "| 1,000 closed junctions | ms | $(columns ls-junctions) |"
    echo "| junctions : directories | | $(cost "$(median ls-junctions kernel)" "$(median ls-plain kernel)" ms) | $(cost "$(median ls-junctions ring)" "$(median ls-plain ring)" ms) | $(cost "$(median ls-junctions jnr)" "$(median ls-plain jnr)" ms) |"
}
