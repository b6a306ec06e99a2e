# Reads "perf script -F comm,ip,sym" of the daemon's serving threads: a block for each sample, its frames from the innermost out. Prints
# "CALL<tab>JAVA-FRAME<tab>SAMPLES": the C library's call that the thread was in, or "-", and the innermost of fedfs's own methods.
function library(symbol) {
    sub(/^__GI_/, "", symbol)
    sub(/^__libc_/, "", symbol)
    sub(/^_+/, "", symbol)
    sub(/64(@.*)?$/, "", symbol)
    return symbol
}
function method(text, a, n) {
    # "boolean io.fedfs.fuse.kernel.Worker.serve(io.fedfs...)" -> Worker.serve
    sub(/\(.*/, "", text)
    sub(/.* /, "", text)
    n = split(text, a, ".")
    return a[n - 1] "." a[n]
}
function done() {
    if (serving && frames > 0) {
        # Asleep and woken within a call is another cost than the call's own work.
        count[(call == "" ? "-" : call (sleeps ? ": sleeping and waking" : "")) "\t" (java == "" ? "the JVM and stubs" : java)]++
    }
    frames = 0; call = ""; java = ""; sleeps = 0; kernel = 0
}
/^$/ { done(); next }
/^[^\t ]/ { serving = ($0 ~ /^fedfs-fuse-[0-9]/); next }
{
    frames++
    address = $1
    symbol = $0
    sub(/^[\t ]*[0-9a-f]+ /, "", symbol)
    if (address ~ /^ffff/) {
        kernel = 1
        if (symbol ~ /^(__)?schedule/) { sleeps = 1 }
    } else if (java == "" && symbol ~ /io\.fedfs\./) {
        java = method(symbol)
    } else if (call == "" && java == "" && symbol ~ /^(__GI_)?_*(libc_)?(read|write|statx|fstatat|openat|ioctl|close|getdents|unlinkat|fgetxattr|syscall|setfsuid|setfsgid|fcntl|clock_gettime)(64)?$/) {
        call = library(symbol)
    } else if (call == "" && java == "" && kernel && frames > 1) {
        call = library(symbol)
    }
}
END {
    done()
    for (k in count) { print k "\t" count[k] }
}
