#!/bin/sh
# Starts the fedfs command whose name this file has; works through symbolic links and from any directory.
me=$0
while [ -h "$me" ]; do
    link=$(readlink "$me")
    case $link in
        /*) me=$link ;;
        *) me=${me%/*}/$link ;;
    esac
done
case $me in */*) ;; *) me=./$me ;; esac
home=$(CDPATH= cd -- "${me%/*}/.." && pwd -P) || exit 1
command=${me##*/}
. "$home/lib/launch.sh"
launch "$@"
