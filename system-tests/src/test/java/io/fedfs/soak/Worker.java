package io.fedfs.soak;

import io.fedfs.linux.Sys;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import io.fedfs.posix.Stat;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * One process of the soak. It reads commands, one a line: {@code run MILLISECONDS} (answer: {@code ran STEPS APPENDED COUNTED TALLY}) and
 * {@code end}, at which it removes its directories. A difference is told as {@code different} and lines of text, and ends it.
 */
final class Worker {
    private static final int REMEMBERED = 200;
    /** One step in so many goes to the shared directory. */
    private static final int SHARED = 6;
    /** What the kernel may remember about attributes (entry and attribute time-out: 1 s), with a margin. */
    private static final long REMEMBERS_NANOS = 1_500_000_000L;

    private static final int[] UMASKS = {022, 0, 002, 027, 077};

    private final Steps steps;
    private final Shared shared;
    private final Random choices;
    private final Side mount;
    private final Side model;
    private final Ground below;
    private final Tally tally = new Tally();
    private final Deque<String> last = new ArrayDeque<>();
    /** Files whose times moved without the kernel of the mount knowing, by inode underneath, until when. */
    private final Map<Long, Long> movedBelow = new HashMap<>();

    private final boolean extents;
    private long done;

    Worker(Places places, int number, long seed, Set<String> without) {
        Path own = Places.of(places.below(), number);
        this.mount = new Side(Places.of(places.mount(), number), own);
        Path plain = Places.of(places.model(), number);
        this.model = new Side(plain, plain);
        this.below = new Ground(own, Caller.ROOT);
        long mine = seed * 1_000_003 + number;
        this.steps = new Steps(mine, without);
        this.choices = new Random(mine + 1);
        this.shared = new Shared(Places.shared(places.mount()), number, mine + 2);
        this.extents = !without.contains("seek");
        Sys.umask(UMASKS[number % UMASKS.length]);
    }

    /** Until the commands end; returns the exit code. */
    int serve(BufferedReader commands) throws IOException {
        try {
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                String[] words = line.split(" ");
                if (words[0].equals("run")) {
                    run(Long.parseLong(words[1]));
                    System.out.println(
                            "ran " + done + " " + shared.appended() + " " + shared.counted() + " " + tally.line());
                } else {
                    clear();
                    System.out.println("ended");
                    return 0;
                }
            }
            return 0;
        } catch (Difference | IllegalStateException e) {
            System.out.println("different");
            System.out.println(e.getMessage());
            System.out.println("after " + done + " steps; the last ones, newest last:");
            last.forEach(l -> System.out.println("  " + l));
            return 1;
        }
    }

    /** Removes what is in its directories, on both sides. */
    private void clear() {
        for (Side side : new Side[] {mount, model}) {
            side.closeAll();
            for (Ground.Listed entry : side.as(Caller.ROOT).list(".")) {
                if (!entry.name().equals(".") && !entry.name().equals("..")) {
                    Steps.removeTree(side.as(Caller.ROOT), entry.name());
                }
            }
        }
    }

    private void run(long milliseconds) {
        long end = System.nanoTime() + milliseconds * 1_000_000;
        while (System.nanoTime() < end) {
            if (choices.nextInt(SHARED) == 0) {
                remember("shared");
                shared.step(tally);
            } else {
                step(steps.next(model.openFiles()));
            }
            done++;
        }
        // Between two rounds nothing is held, so that what the daemon holds can be compared.
        mount.closeAll();
        model.closeAll();
        System.gc(); // Files that are mapped are let go of when their maps are collected.
    }

    private void remember(String what) {
        if (last.size() == REMEMBERED) {
            last.removeFirst();
        }
        Instant now = Instant.now();
        last.addLast(String.format("%d.%06d %s", now.getEpochSecond(), now.getNano() / 1000, what));
    }

    private void step(Step step) {
        remember(step.toString());
        String seen = Seen.render(step.act().on(mount));
        String expected = Seen.render(step.act().on(model));
        tally.count(step.kind(), seen.matches("E[A-Z0-9]+") ? seen : "");
        if (!seen.equals(expected)) {
            StringBuilder text = new StringBuilder(step + "\n  on the mount: " + shortened(seen, expected)
                    + "\n  the model:    " + shortened(expected, seen));
            step.names().forEach(n -> text.append(now(n)));
            if (step.arguments().startsWith("#")) {
                int index = Integer.parseInt(step.arguments().substring(1).split(" ")[0]);
                text.append("\n  on the mount: ").append(mount.describe(index));
                text.append("\n  the model:    ").append(model.describe(index));
                Daemon.pause(REMEMBERS_NANOS / 1_000_000);
                text.append("\n  later, on the mount: ").append(mount.describe(index));
            }
            throw new Difference(text.toString());
        }
        switch (step.kind()) {
            case "mmap", "writebelow" -> movedBelow(step.names().get(0));
            // ext4 puts a whiteout there and takes it away again, and the directory's times stay moved.
            case "whiteout" -> {
                if (seen.startsWith("E")) {
                    String name = step.names().get(0);
                    movedBelow(name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : ".");
                }
            }
            default -> {}
        }
        for (String name : step.names()) {
            compare(step, name);
        }
    }

    private void movedBelow(String name) {
        Stat s = below.stat(name);
        if (s.exists()) {
            movedBelow.put(s.ino(), System.nanoTime() + REMEMBERS_NANOS);
        }
    }

    /** A name, as the mount, the model and the directory underneath show it. */
    private void compare(Step step, String name) {
        Stat onMount = mount.as(Caller.ROOT).lstat(name);
        same(
                step,
                name,
                "the model:    ",
                Steps.summary(onMount),
                Steps.summary(model.as(Caller.ROOT).lstat(name)));
        Stat under = below.lstat(name);
        String kind = under.kind();
        same(step, name, "underneath:   ", Steps.summary(onMount), Steps.summary(under));
        if (kind.equals("file") || kind.equals("dir") || kind.equals("symlink")) {
            Long until = movedBelow.get(under.ino());
            if (until == null) {
                same(step, name, "underneath:   ", times(onMount), times(under));
            } else if (System.nanoTime() > until) {
                movedBelow.remove(under.ino());
            }
        }
        if (extents && kind.equals("file") && done % 8 == 0) {
            same(step, name, "underneath:   ", Steps.extents(mount.as(Caller.ROOT), name), Steps.extents(below, name));
        }
    }

    /** What the three say of a name, and of what it leads to, a moment later. */
    private String now(String name) {
        StringBuilder text = new StringBuilder("\n  " + Steps.quoted(name) + " now:");
        for (Ground g : List.of(mount.as(Caller.ROOT), below, model.as(Caller.ROOT))) {
            text.append("\n    ")
                    .append(Steps.summary(g.lstat(name)))
                    .append(", leads to ")
                    .append(Steps.quoted(g.readlink(name)))
                    .append(": ")
                    .append(Steps.summary(g.stat(name)));
        }
        return text.toString();
    }

    private static String times(Stat s) {
        return "mtime " + s.mtime() + " ctime " + s.ctime();
    }

    private static void same(Step step, String name, String other, String seen, String expected) {
        if (!seen.equals(expected)) {
            throw new Difference("after " + step + "\n  " + Steps.quoted(name) + "\n  on the mount: " + seen + "\n  "
                    + other + expected);
        }
    }

    /** A text, or where it begins to be another one. */
    private static String shortened(String text, String other) {
        if (text.length() < 200) {
            return Steps.quoted(text);
        }
        int at = 0;
        while (at < Math.min(text.length(), other.length()) && text.charAt(at) == other.charAt(at)) {
            at++;
        }
        return text.length() + " bytes, other from " + at + " on: "
                + Steps.quoted(text.substring(at, Math.min(text.length(), at + 100)));
    }
}
