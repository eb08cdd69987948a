package dev.dunnage.launcher.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageReferenceTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "img.sif, img.sif",
        "/shared/a b.sif, /shared/a b.sif",
        "file:img.sif, img.sif",
        "file:///shared/img.sif, /shared/img.sif",
        "oras://Registry.example.org:5000/hpc/app, oras://registry.example.org:5000/hpc/app:latest",
        "ORAS://host/app:1.0, oras://host/app:1.0",
        "oras://[::1]:5000/app:1, oras://[::1]:5000/app:1",
        "docker://alpine, docker://docker.io/library/alpine:latest",
        "docker://user/app:v2, docker://docker.io/user/app:v2",
        "docker://index.docker.io/user/app:v2, docker://docker.io/user/app:v2",
        "docker://localhost/app:v2, docker://localhost/app:v2",
        "docker://ghcr.io/org/team/app:v2, docker://ghcr.io/org/team/app:v2",
        "library://alpine:3.19, library://library/default/alpine:3.19",
        "library:alpine, library://library/default/alpine:latest",
        "library://tools/alpine, library://library/tools/alpine:latest",
        "library://me/tools/Alpine:3, library://me/tools/Alpine:3",
        "library://lib.example.org/me/tools/alpine:3, library://lib.example.org/me/tools/alpine:3",
        "library:///me/tools/alpine, library://me/tools/alpine:latest",
        "https://example.org/a/img.sif?x=1, https://example.org/a/img.sif?x=1",
        "HTTP://example.org:8080/img.sif, http://example.org:8080/img.sif",
    })
    void hasOneCanonicalSpelling(String text, String canonical) throws Exception {
        ImageReference read = ImageReference.parse(text);
        assertThat(read).hasToString(canonical);
        assertThat(ImageReference.parse(canonical)).isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({
        "oras://host/app:1@sha256:HEX, oras://host/app:1@sha256:HEX",
        "oras://host/app@sha256:HEX, oras://host/app@sha256:HEX",
        "docker://alpine@sha256:HEX, docker://docker.io/library/alpine@sha256:HEX",
        "library://me/tools/app:1@sha256:HEX, library://me/tools/app:1@sha256:HEX",
        "https://example.org/img.sif@sha256:HEX, https://example.org/img.sif@sha256:HEX",
    })
    void pinsAContent(String text, String canonical) throws Exception {
        ImageReference read = ImageReference.parse(text.replace("HEX", HEX));
        assertThat(read).hasToString(canonical.replace("HEX", HEX));
        assertThat(read.digest()).contains(new Digest(HEX));
    }

    @ParameterizedTest
    @CsvSource({
        "'', no image is named",
        "file:, names no file",
        "shub://vsoch/hello-world, 'Singularity Hub is gone'",
        "ftp://host/img.sif, nobody knows how to fetch from 'ftp'",
        "docker-archive://img.tar, images of docker-archive are not read",
        "oras://app, oras:// wants a host",
        "oras:///app, oras:// wants a host",
        "oras://user:secret@host/app, is no host name",
        "oras://host/App:1, is no name in a registry",
        "oras://host/, is no name in a registry",
        "oras://host/a//b, is no name in a registry",
        "oras://host/../etc, is no name in a registry",
        "oras://host/app:, is no tag",
        "oras://host/app:a b, is no tag",
        "oras://host/app@sha256:12, malformed digest",
        "oras://host/app@sha512:12, malformed digest",
        "docker://nvcr.io#nvidia/pytorch:24.01, after which Slurm drops the rest",
        "https://example.org/img.sif#x, after which Slurm drops the rest",
        "library://a/b/c/d, 'write library://'",
        "library://a/../c, 'write library://'",
        "https:///img.sif, malformed",
        "https://user:secret@host/img.sif, names a user",
    })
    void refusesWithARemedy(String text, String part) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .isInstanceOf(ReferenceException.class)
                .hasMessageContaining(part)
                .message()
                .doesNotContain("secret")
                .hasLineCount(1);
    }

    @Test
    void refusesControlCharacters() {
        assertThatThrownBy(() -> ImageReference.parse("img\u001b[2J.sif")).hasMessageContaining("control character");
        assertThatThrownBy(() -> ImageReference.parse("oras://h/" + "a".repeat(300)))
                .hasMessageContaining("no name in a registry");
    }
}
