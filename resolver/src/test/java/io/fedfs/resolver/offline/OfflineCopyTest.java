package io.fedfs.resolver.offline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.ManualTime;
import io.fedfs.resolver.Referral;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineCopyTest {
    private static final NsdbAddress NSDB = new NsdbAddress("localhost", 7532);
    private static final Fsl LOCATION = new Fsl(
            new UUID(8, 1), "local", "host", 9, "/export", "in/side", Map.of("k", "v"), true, true, -1, 1, 2, 3, 4);

    @TempDir
    Path dir;

    private final ManualTime time = new ManualTime();

    private static Fsn fsn(int number) {
        return new Fsn(NSDB, new UUID(4, number));
    }

    private Referral referral(int number, Instant fetched) {
        return new Referral(
                fsn(number),
                List.of(LOCATION),
                Duration.ofMinutes(5),
                number % 2 == 0,
                7,
                fetched,
                Referral.Source.NSDB,
                Optional.empty());
    }

    private Referral referral(int number) {
        return referral(number, time.clock().instant());
    }

    private OfflineCopy open() {
        return OfflineCopy.open(dir.resolve("state"), time.clockwork(), Runnable::run);
    }

    private Path file() {
        return dir.resolve("state").resolve(OfflineCopy.FILE);
    }

    @Test
    void aLaterRunFindsWhatThisOneKept() {
        OfflineCopy first = open();
        first.keep(referral(1));
        first.keepRoot(NSDB, "", fsn(1));
        first.keepRoot(NSDB, "home", fsn(2));
        first.close();

        time.advance(Duration.ofHours(8));
        OfflineCopy second = open();
        assertThat(second.earlier(fsn(1))).hasValueSatisfying(r -> {
            assertThat(r.locations()).containsExactly(LOCATION);
            assertThat(r.ttl()).isEqualTo(Duration.ofMinutes(5));
            assertThat(r.revision()).isEqualTo(7);
            assertThat(r.source()).isEqualTo(Referral.Source.OFFLINE_COPY);
            assertThat(r.fetchedAt()).isEqualTo(ManualTime.START);
            assertThat(r.staleSince()).contains(ManualTime.START.plusSeconds(300));
        });
        assertThat(second.root(NSDB, "")).contains(fsn(1));
        assertThat(second.root(NSDB, "home")).contains(fsn(2));
        assertThat(second.root(NSDB, "other")).isEmpty();
    }

    @Test
    void copyWhoseTtlIsNotOverIsNotStale() {
        OfflineCopy first = open();
        first.keep(referral(1));
        first.close();
        time.advance(Duration.ofSeconds(100));
        assertThat(open().earlier(fsn(1)))
                .hasValueSatisfying(r -> assertThat(r.staleSince()).isEmpty());
    }

    @Test
    void clockThatWentBackDoesNotMakeTheCopyFresh() {
        OfflineCopy first = open();
        first.keep(referral(1, ManualTime.START.plus(Duration.ofDays(2))));
        first.close();
        assertThat(open().earlier(fsn(1)))
                .hasValueSatisfying(r -> assertThat(r.staleSince()).contains(ManualTime.START));
    }

    @Test
    void veryOldReferralsAreLeftOut() {
        OfflineCopy first = open();
        first.keep(referral(1));
        first.close();
        time.advance(Duration.ofDays(91));
        assertThat(open().earlier(fsn(1))).isEmpty();
    }

    @Test
    void whatThisRunHeardItselfIsNotEarlier() {
        OfflineCopy first = open();
        first.keep(referral(1));
        assertThat(first.earlier(fsn(1))).isEmpty();
        first.close();
        OfflineCopy second = open();
        second.keep(referral(1));
        assertThat(second.earlier(fsn(1))).isEmpty();
        second.close();
        assertThat(open().earlier(fsn(1))).isPresent();
    }

    @Test
    void forgottenReferralsAndRootsAreGoneAfterARestart() {
        OfflineCopy first = open();
        first.keep(referral(1));
        first.keep(referral(2));
        first.keepRoot(NSDB, "home", fsn(2));
        first.close();
        OfflineCopy second = open();
        second.forget(fsn(1));
        second.forgetRoot(NSDB, "home");
        second.close();
        OfflineCopy third = open();
        assertThat(third.earlier(fsn(1))).isEmpty();
        assertThat(third.earlier(fsn(2))).isPresent();
        assertThat(third.root(NSDB, "home")).isEmpty();
        third.forgetAll();
        assertThat(third.size()).isZero();
    }

    @Test
    void changesAreWrittenTogetherSoonAfterwards() throws IOException {
        OfflineCopy copy = open();
        for (int i = 0; i < 100; i++) {
            copy.keep(referral(i));
        }
        assertThat(file()).doesNotExist();
        time.advance(Duration.ofSeconds(2));
        assertThat(file()).exists();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(file().getParent())) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void mereConfirmationsAreWrittenSeldom() throws IOException {
        OfflineCopy copy = open();
        copy.keep(referral(1));
        time.advance(Duration.ofSeconds(2));
        Files.delete(file());
        copy.keep(referral(1));
        time.advance(Duration.ofSeconds(60));
        assertThat(file()).doesNotExist();
        time.advance(Duration.ofMinutes(5));
        assertThat(file()).exists();
    }

    @Test
    void changeDoesNotWaitForAConfirmationsTurn() throws IOException {
        OfflineCopy copy = open();
        copy.keep(referral(1));
        time.advance(Duration.ofSeconds(2));
        Files.delete(file());
        copy.keep(referral(1));
        copy.keep(referral(2));
        time.advance(Duration.ofSeconds(2));
        assertThat(file()).exists();
    }

    @Test
    void closeWritesNothingWhenNothingChanged() {
        open().close();
        assertThat(file()).doesNotExist();
    }

    @Test
    void numberOfReferralsIsBoundedAndTheEldestGo() {
        OfflineCopy copy = open();
        for (int i = 0; i < 10_500; i++) {
            copy.keep(referral(i));
        }
        assertThat(copy.size()).isEqualTo(10_000);
        copy.close();
        OfflineCopy later = open();
        assertThat(later.earlier(fsn(0))).isEmpty();
        assertThat(later.earlier(fsn(10_499))).isPresent();
    }

    @Test
    void fileThatCannotBeUsedIsIgnoredAndReplaced() throws IOException {
        OfflineCopy first = open();
        first.keep(referral(1));
        first.close();
        byte[] good = Files.readAllBytes(file());

        byte[] flipped = good.clone();
        flipped[good.length - 1] ^= 1;
        byte[] newer = good.clone();
        ByteBuffer.wrap(newer).putInt(8, CopyFile.VERSION + 1);
        byte[] cut = java.util.Arrays.copyOf(good, good.length / 2);
        byte[] foreign = "something else entirely".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (byte[] bad : List.of(flipped, newer, cut, foreign, new byte[0])) {
            Files.write(file(), bad);
            OfflineCopy copy = open();
            assertThat(copy.earlier(fsn(1))).isEmpty();
            assertThat(copy.size()).isZero();
            copy.keep(referral(2));
            copy.close();
            assertThat(open().earlier(fsn(2))).isPresent();
        }
    }

    @Test
    void copyWithSenselessContentIsIgnored() throws IOException {
        CopyFile bytes = new CopyFile(file());
        bytes.write(io.fedfs.offline.v1.OfflineCopy.newBuilder()
                .addReferrals(CopyMessages.message(referral(1)))
                .addReferrals(io.fedfs.offline.v1.KeptReferral.newBuilder().setFsn("nsdb://x/not-a-uuid"))
                .build());
        assertThat(open().size()).isZero();
    }

    @Test
    void directoryThatCannotBeWrittenIsNoFailure() throws IOException {
        Files.writeString(dir.resolve("state"), "a file where the directory should be");
        OfflineCopy copy = open();
        copy.keep(referral(1));
        time.advance(Duration.ofSeconds(2));
        copy.close();
        assertThat(copy.size()).isEqualTo(1);
    }

    @Test
    void leftOverTemporaryFileIsNoObstacle() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file().resolveSibling(OfflineCopy.FILE + ".new"), "half");
        OfflineCopy copy = open();
        copy.keep(referral(1));
        copy.close();
        assertThat(open().earlier(fsn(1))).isPresent();
    }
}
