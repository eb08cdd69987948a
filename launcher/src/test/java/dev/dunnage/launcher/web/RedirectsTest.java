package dev.dunnage.launcher.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where servers may send us, and what is one server. */
class RedirectsTest {
    @ParameterizedTest
    @CsvSource({
        "https://a.org/x,/y,https://a.org/y",
        "https://a.org/x,https://b.org/y,https://b.org/y",
        "http://a.org/x,https://a.org/x,https://a.org/x",
        "http://a.org/x,//b.org/y,http://b.org/y"
    })
    void redirectsThatAreFollowed(String from, String location, String to) throws Exception {
        assertThat(Redirects.follow(URI.create(from), location)).isEqualTo(URI.create(to));
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.org/x,http://a.org/x,unencrypted",
        "https://a.org/x,ftp://a.org/x,no web address",
        "https://a.org/x,https://ada:b@a.org/x,user name",
        "https://a.org/x,https://a b/,malformed",
        "https://a.org/x,mailto:ada@a.org,no web address"
    })
    void redirectsThatAreNot(String from, String location, String why) {
        assertThatThrownBy(() -> Redirects.follow(URI.create(from), location))
                .isInstanceOf(WebException.class)
                .hasMessageContaining(why);
    }

    @Test
    void originsAreSchemeHostAndPort() {
        URI one = URI.create("https://a.org/x");
        assertThat(Origin.of(URI.create("https://A.org:443/y"))).isEqualTo(Origin.of(one));
        assertThat(Origin.of(URI.create("https://b.org/x"))).isNotEqualTo(Origin.of(one));
        assertThat(Origin.of(URI.create("https://a.org:444/x"))).isNotEqualTo(Origin.of(one));
        assertThat(Origin.of(URI.create("http://a.org:443/x"))).isNotEqualTo(Origin.of(one));
    }
}
