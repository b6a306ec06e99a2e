# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# What the kernel's caches gain: the same tree through mounts without time-outs, with the default second, and as an immutable fileset.

CACHE_MOUNTS=(none second immutable)

measure_caches() {
    command -v git >/dev/null && [ -x /usr/bin/python3 ] || { say "no git or python3: the caches are not measured"; return 0; }
    local kept tree=$W/data/tree which round
    say "kernel caches: a repository"
    git init -q -b main "$tree"
    scripts/real/history.py 60 100 | git -C "$tree" fast-import --quiet --done
    git -C "$tree" checkout -q -f main
    kept=$("$FEDFS/fedfs" fsn create --nsdb "$NSDB" --immutable)
    "$FEDFS/fedfs" fsl add "$kept" --path "$tree" --no-marker >&2
    mkdir -p "$W/mnt/caches-none" "$W/mnt/caches-second" "$W/mnt/caches-immutable"
    "$FEDFS/fedfs-mount" "$FSN" "$W/mnt/caches-none" -o "$(options kernel "$W/mnt/caches-none"),entry_timeout=0,attr_timeout=0"
    "$FEDFS/fedfs-mount" "$FSN" "$W/mnt/caches-second" -o "$(options kernel "$W/mnt/caches-second")"
    "$FEDFS/fedfs-mount" "$kept" "$W/mnt/caches-immutable" -o "$(options kernel "$W/mnt/caches-immutable")"
    # A daemon that is asked little has little compiled: the first walks of a mount take five times as long as the tenth.
    for which in "${CACHE_MOUNTS[@]}"; do
        for round in $(seq 10); do find "$W/mnt/caches-$which" -printf '%s\n' >/dev/null; done
    done
    for round in $(seq 0 "$((ROUNDS * 2))"); do
        for which in underneath "${CACHE_MOUNTS[@]}"; do
            local at=$W/mnt/caches-$which/tree
            [ "$which" != underneath ] || at=$tree
            [ "$which" != immutable ] || at=$W/mnt/caches-immutable
            # Past the second, as between two commands that a person types.
            sleep 1.2
            local git find
            git=$(GIT_OPTIONAL_LOCKS=0 "$W/ops" --time git -c safe.directory='*' -C "$at" status --porcelain)
            sleep 1.2
            find=$("$W/ops" --time find "$at" -printf '%s\n')
            [ "$round" = 0 ] || printf 'git %s\nfind %s\n' "$git" "$find" | record "caches-$which"
        done
    done
    echo "files $(find "$tree" | wc -l)" | record caches-underneath
    if [ "$MAVEN" = yes ]; then measure_maven; fi
    for which in "${CACHE_MOUNTS[@]}"; do umount "$W/mnt/caches-$which"; done
    rm -rf "$tree"
}

# A build writes, so there is no immutable one; once each, after one for nothing underneath.
measure_maven() {
    local which at
    for which in warming underneath none second; do
        at=$W/data/build
        mkdir "$at"
        git ls-files -z | tar --null -T - -cf - | tar -C "$at" -xf -
        case $which in none | second) at=$W/mnt/caches-$which/build ;; esac
        say "kernel caches: a Maven build, $which"
        echo "maven $("$W/ops" --time mvn -q -B -o -f "$at/pom.xml" -DskipTests -pl resolver -am package)" | record "caches-$which"
        rm -rf "$W/data/build"
    done
}

print_caches() {
    [ -n "$(median git caches-second)" ] || return 0
    echo
    echo "| the kernel's caches, $(median files caches-underneath) files, more than a second after the last look | unit | underneath | no time-outs | one second (default) | immutable |"
    echo "|---|---|---|---|---|---|"
    local row title which
    for row in git find maven; do
        [ -n "$(median $row caches-second)" ] || continue
        case $row in
            git) title="\`git status\`" ;;
            find) title="\`find -printf %s\`" ;;
            maven) title="\`mvn package\` of the resolver" ;;
        esac
        title="| $title | ms |"
        for which in underneath "${CACHE_MOUNTS[@]}"; do title+=" $(number "$(median $row "caches-$which")") |"; done
        echo "$title"
    done
}
