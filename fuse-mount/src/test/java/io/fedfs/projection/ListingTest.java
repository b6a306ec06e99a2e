package io.fedfs.projection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A listing that goes on at another location gives each name once. */
final class ListingTest {
    private final Listing listing = new Listing(3, true);

    @Test
    void goesOnWithTheNamesThatWereNotListedYet() {
        for (String name : List.of("a", "b", "c")) {
            assertThat(listing.isNew(name)).isTrue();
        }
        listing.takeBack("c");
        listing.position = 17;
        Listing next = listing.elsewhere(4);
        assertThat(next.fd).isEqualTo(4);
        assertThat(next.isCut()).isFalse();
        assertThat(next.isAt(17))
                .as("positions of the other location mean nothing")
                .isTrue();
        assertThat(List.of("c", "a", "x", "b").stream().filter(next::isNew)).containsExactly("c", "x");
        next.position = 5;
        assertThat(next.isAt(17)).isFalse();
        assertThat(next.elsewhere(5).isNew("x")).as("twice").isFalse();
    }

    @Test
    void beginsAnewWithAllOfThem() {
        listing.isNew("a");
        Listing next = listing.elsewhere(4);
        assertThat(next.isNew("a")).isFalse();
        next.rewind();
        assertThat(next.isNew("a")).isTrue();
        assertThat(next.isAt(17)).isFalse();
    }

    @Test
    void canOnlyBeginAnewWhereNamesWereNotNoted() {
        Listing unnoted = new Listing(3, false);
        assertThat(unnoted.elsewhere(4).isCut()).as("nothing was listed").isFalse();
        unnoted.position = 9;
        Listing next = unnoted.elsewhere(4);
        assertThat(next.isCut()).isTrue();
        next.rewind();
        assertThat(next.isCut()).isFalse();
    }
}
