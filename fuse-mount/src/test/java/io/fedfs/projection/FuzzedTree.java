package io.fedfs.projection;

import io.fedfs.attach.AttachException;
import io.fedfs.attach.Attacher;
import io.fedfs.attach.LocalType;
import io.fedfs.fuse.FileSystem;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.Sys;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Replicas;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The real tree over a directory of its own, with a directory beside it that nothing may reach: a target for the fuzzer. */
public final class FuzzedTree implements AutoCloseable {
    private final Path directory;
    private final Path root;
    private final Path outside;
    private final Attacher attacher;
    private final Projection projection;
    private final Map<String, String> before;

    /**
     * @param directory empty; stays when closed
     * @param remember how many nodes that were forgotten are remembered
     */
    public FuzzedTree(Path directory, int remember) throws Exception {
        this.directory = directory;
        root = open(Files.createDirectory(directory.resolve("root")));
        outside = open(Files.createDirectory(directory.resolve("outside")));
        fill();
        before = outside();
        FakeResolver resolver = new FakeResolver();
        Fsn rootFsn = FakeResolver.fsn();
        Fsn inner = FakeResolver.fsn();
        resolver.lives(rootFsn, FakeResolver.local(root, true));
        resolver.lives(inner, FakeResolver.local(open(Files.createDirectory(directory.resolve("inner"))), true));
        Junctions.create(Files.createDirectory(root.resolve("junction")), inner, Map.of());
        attacher = attacher();
        Options options = new Options(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofSeconds(5),
                false,
                true,
                true,
                64,
                1 << 20,
                remember,
                Options.FailoverMode.REMOTE);
        ForeignLinks links = new ForeignLinks();
        links.set(ForeignLinks.Settings.linksBelow("/dfuse"));
        projection = new Projection(rootFsn, options, resolver, attacher, links, Sys.geteuid() == 0, fsn -> false);
        projection.init(new FakeKernel());
    }

    private Attacher attacher() throws AttachException {
        return new Attacher(List.of(new LocalType(List.of(root, directory.resolve("inner")))), new Replicas(), 16);
    }

    /** Everybody may do everything: only the tree itself stands between a caller and it. */
    private static Path open(Path path) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private void fill() throws IOException {
        open(Files.createFile(outside.resolve("secret")));
        Files.writeString(outside.resolve("secret"), "secret");
        open(Files.createDirectory(outside.resolve("dir")));
        Files.writeString(root.resolve("f"), "content of f");
        Files.createDirectories(root.resolve("dir/dir2"));
        Files.writeString(root.resolve("dir/f"), "content of dir/f");
        Files.createSymbolicLink(root.resolve("link"), outside.resolve("secret"));
        Files.createSymbolicLink(root.resolve("out"), outside);
        Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(root.resolve("abs"), Path.of("/"));
        Files.createLink(root.resolve("dir/g"), root.resolve("f"));
    }

    public FileSystem fileSystem() {
        return projection;
    }

    /** Numbers of {@code fedfs status}: inodes, descriptors, open files. */
    public Map<String, Long> counters() {
        return projection.counters();
    }

    /** What is outside and in the directory above now and was not at the beginning, or the other way round; empty if nothing. */
    public String reached() throws IOException {
        Map<String, String> now = outside();
        return now.equals(before) ? "" : "before: " + before + "\nnow: " + now;
    }

    /** Everything that an operation could change: who, mode, size, times, content; and the names beside. */
    private Map<String, String> outside() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> beside = Files.list(directory)) {
            all.put(
                    "beside",
                    beside.map(p -> p.getFileName().toString())
                            .filter(n -> !n.equals("inner"))
                            .sorted()
                            .toList()
                            .toString());
        }
        try (Stream<Path> paths = Files.walk(outside)) {
            for (Path p : paths.toList()) {
                String content = Files.isRegularFile(p) ? Files.readString(p) : "";
                Map<String, Object> a = Files.readAttributes(p, "unix:mode,uid,gid,nlink,size,lastModifiedTime,ctime");
                all.put(p.toString(), new TreeMap<>(a) + " " + content);
            }
        }
        return all;
    }

    /** Ends the tree and removes what it was over. */
    @Override
    public void close() throws IOException {
        projection.destroy();
        attacher.close();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path p : all.toList()) {
                remove(p);
            }
        }
    }

    /** Removes a directory with all that is in it. */
    public static void remove(Path top) throws IOException {
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
