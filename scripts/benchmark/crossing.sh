# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# Through an open junction against through an ordinary directory.

measure_crossing() {
    say "crossing"
    mkdir "$W/target" "$W/data/by-junction" "$W/data/by-directory" "$W/data/by-directory/way"
    echo x >"$W/target/f"
    echo x >"$W/data/by-directory/way/f"
    inner=$("$FEDFS/fedfs" fileset create --nsdb "$NSDB" --path "$W/target")
    "$FEDFS/fedfs" junction create "$W/data/by-junction/way" "$inner" >&2
    for round in $(seq "$((ROUNDS * 2))"); do
        for engine in "${ENGINES[@]}"; do
            for way in directory junction; do
                "$W/ops" "$(at "$engine")/by-$way" "$COUNT" 1 through-stat through-open | sed "s/^/$way-/" | record "$engine"
            done
        done
    done
    rm -rf "$W/data/by-junction" "$W/data/by-directory"
}

print_crossing() {
    [ -n "$(median junction-through-stat kernel)" ] || return 0
    echo
    echo "| a path through | unit | kernel session, device | io_uring | jnr-fuse |"
    echo "|---|---|---|---|---|"
    for way in directory junction; do
        echo "| an $([ $way = junction ] && echo open junction || echo ordinary directory): stat | us | $(columns $way-through-stat) |"
        echo "| an $([ $way = junction ] && echo open junction || echo ordinary directory): open + close | us | $(columns $way-through-open) |"
    done
}
