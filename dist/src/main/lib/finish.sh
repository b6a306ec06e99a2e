#!/bin/sh
# The last step of the build: what the built commands themselves make for the distribution given.
set -eu
home=$1
mkdir -p "$home/share/bash-completion/completions"
"$home/bin/fedfs" completion bash > "$home/share/bash-completion/completions/fedfs"
"$home/lib/make-cds"
