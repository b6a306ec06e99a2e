package io.fedfs.linux;

import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Starts a program that inherits one more descriptor than standard input, output and error. The JDK's {@code ProcessBuilder}
 * closes every other descriptor in the child, and fusermount3 needs its socket.
 */
public final class Spawn {
    /** sizeof(posix_spawn_file_actions_t) of glibc is 80, of musl less. */
    private static final int FILE_ACTIONS = 128;

    private static final int POINTER = 8;

    private Spawn() {}

    /**
     * Starts {@code command}, found through PATH.
     *
     * @param environment the whole environment of the child
     * @param error descriptor that becomes the child's standard error
     * @param inherited descriptor that the child finds as {@code inheritedAs}, above 2
     * @return the process id, or a negated errno; to be waited for with {@link Sys#waitpid}
     */
    public static int spawn(
            List<String> command, Map<String, String> environment, int error, int inherited, int inheritedAs) {
        Libc libc = Sys.libc();
        NativeBuffer actions = new NativeBuffer(FILE_ACTIONS);
        NativeBuffer pid = new NativeBuffer(Integer.BYTES);
        List<String> variables = environment.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
        try (Strings argv = new Strings(command);
                Strings envp = new Strings(variables)) {
            libc.posix_spawn_file_actions_init(actions.address());
            try {
                libc.posix_spawn_file_actions_adddup2(actions.address(), error, 2);
                libc.posix_spawn_file_actions_adddup2(actions.address(), inherited, inheritedAs);
                int r = libc.posix_spawnp(
                        pid.address(), argv.first(), actions.address(), 0, argv.address(), envp.address(), 0);
                return r == 0 ? pid.getInt(0) : -r;
            } finally {
                libc.posix_spawn_file_actions_destroy(actions.address());
            }
        }
    }

    /**
     * Starts {@code command}, with nothing to read and with what it says going to a file.
     *
     * @param environment the whole environment of the child
     * @param output made anew, by the child
     * @return the process id, or a negated errno; to be waited for with {@link Sys#waitpid}
     */
    static int spawn(List<String> command, Map<String, String> environment, Path output) {
        Libc libc = Sys.libc();
        NativeBuffer actions = new NativeBuffer(FILE_ACTIONS);
        NativeBuffer pid = new NativeBuffer(Integer.BYTES);
        List<String> variables = environment.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
        try (Strings argv = new Strings(command);
                Strings envp = new Strings(variables);
                CString nothing = CString.of("/dev/null");
                CString out = CString.of(output.toString())) {
            libc.posix_spawn_file_actions_init(actions.address());
            try {
                int make = Sys.O_WRONLY | Sys.O_CREAT | Sys.O_TRUNC;
                libc.posix_spawn_file_actions_addopen(actions.address(), 0, nothing.address(), Sys.O_RDONLY, 0);
                libc.posix_spawn_file_actions_addopen(actions.address(), 1, out.address(), make, 0600);
                libc.posix_spawn_file_actions_adddup2(actions.address(), 1, 2);
                int r = libc.posix_spawnp(
                        pid.address(), argv.first(), actions.address(), 0, argv.address(), envp.address(), 0);
                return r == 0 ? pid.getInt(0) : -r;
            } finally {
                libc.posix_spawn_file_actions_destroy(actions.address());
            }
        }
    }

    /** A NULL-terminated array of C strings, there until it is closed. */
    private static final class Strings implements AutoCloseable {
        private static final int PAGE = 4096;

        private final NativeBuffer memory;
        private final int table;

        Strings(List<String> values) {
            Charset charset = Charset.defaultCharset();
            List<byte[]> texts = values.stream().map(v -> v.getBytes(charset)).toList();
            table = POINTER * (texts.size() + 1);
            int size = table + texts.stream().mapToInt(t -> t.length + 1).sum();
            memory = NativeBuffer.mapped((size + PAGE - 1) / PAGE * PAGE);
            int at = table;
            for (int i = 0; i < texts.size(); i++) {
                memory.putLong(i * POINTER, memory.putCString(at, texts.get(i)));
                at += texts.get(i).length + 1;
            }
        }

        long address() {
            return memory.address();
        }

        long first() {
            return memory.address(table);
        }

        @Override
        public void close() {
            memory.unmap();
        }
    }
}
