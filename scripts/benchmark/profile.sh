# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# Where the daemon's time goes, by system calls and Java frames: perf(1) samples its threads while one program works. Device, with and without
# busy_poll. Only when asked for.

PROFILE_ROWS=(stat-cold open-read create)
PROFILE_HERTZ=8000

measure_profile() {
    [ "$ONLY" = profile ] || return 0
    command -v perf >/dev/null || fail "needs perf: apt-get install linux-perf"
    command -v jcmd >/dev/null || fail "needs jcmd, which names Java's compiled methods: apt-get install openjdk-17-jdk-headless"
    local which pid row at
    for which in profile-sleep profile-poll; do
        at=$W/mnt/$which
        mkdir "$at"
        # Frame pointers, for perf to walk the stack; they cost a register.
        FEDFS_MOUNT_JAVA_OPTS=-XX:+PreserveFramePointer "$FEDFS/fedfs-mount" "$FSN" "$at" \
            -o "$(options kernel "$at")$([ $which = profile-poll ] || echo ,busy_poll=0)"
        pid=$(daemon_of $which)
        say "profile: $which"
        mkdir "$W/data/work"
        for row in 1 2 3 4; do "$W/ops" "$at/work" "$COUNT" 1 create "${PROFILE_ROWS[@]:0:2}" unlink >/dev/null; done
        for row in create stat-cold open-read; do
            perf record -q -F $PROFILE_HERTZ -e cpu-clock -g -p "$pid" -o "$W/perf.$which.$row" -- \
                "$W/ops" "$at/work" "$COUNT" 1 "$row" >/dev/null 2>"$W/perf.err" || fail "perf: $(cat "$W/perf.err")"
        done
        jcmd "$pid" Compiler.perfmap >/dev/null
        for row in "${PROFILE_ROWS[@]}"; do
            perf script -F comm,ip,sym -i "$W/perf.$which.$row" 2>/dev/null | awk -f scripts/benchmark/frames.awk >"$W/frames.$which.$row"
        done
        rm -rf "$W/data/work" "/tmp/perf-$pid.map"
        umount "$at"
    done
}

print_profile() {
    local row
    for row in "${PROFILE_ROWS[@]}"; do
        [ -s "$W/frames.profile-poll.$row" ] || continue
        echo
        echo "| $row: the daemon's processor time, us an operation | busy_poll=0 | busy_poll=50 |"
        echo "|---|---|---|"
        # Calls first. What is compiled into a method counts as its own.
        awk -F '\t' -v per="$(awk -v hz=$PROFILE_HERTZ -v n="$COUNT" 'BEGIN { print 1e6 / hz / n }')" '
            { k = $1 == "-" ? "Java: `" $2 "`" : "`" $1 "`"; all[FILENAME] += $3; seen[k]; sum[FILENAME, k] += $3 }
            END {
                printf "0\tall\t%.2f\t%.2f\n", all[ARGV[1]] * per, all[ARGV[2]] * per
                for (k in seen) printf "%d\t%s\t%.2f\t%.2f\n", k ~ /^Java/ ? 2 : 1, k, sum[ARGV[1], k] * per, sum[ARGV[2], k] * per
            }' "$W/frames.profile-sleep.$row" "$W/frames.profile-poll.$row" | sort -t "$(printf '\t')" -k 1,1n -k 4,4nr |
            awk -F '\t' '$3 + $4 >= 0.4 { printf "| %s | %s | %s |\n", $2, $3, $4 }'
    done
}
