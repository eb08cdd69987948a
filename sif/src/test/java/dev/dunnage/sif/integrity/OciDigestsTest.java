package dev.dunnage.sif.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import java.util.List;
import org.junit.jupiter.api.Test;

class OciDigestsTest {
    @Test
    void goodContentPasses() throws Exception {
        ImageBytes bytes = TestImages.image("oci-sif-like");
        SifImage image = SifImage.read(bytes);
        assertThat(image.isOci()).isTrue();
        assertThat(OciDigests.check(image, bytes)).isEmpty();
        assertThatThrownBy(image::primarySystem).hasMessageContaining("is an OCI-SIF");
        ImageBytes plain = TestImages.image("unsigned");
        assertThat(OciDigests.check(SifImage.read(plain), plain)).isEmpty();
    }

    @Test
    void namesEveryObjectThatWasChanged() throws Exception {
        byte[] content = TestImages.resource("images/oci-sif-like.sif");
        List<SifObject> objects = SifImage.read(TestImages.of(content)).objects();
        for (SifObject each : objects.subList(0, 2)) {
            content[(int) each.offset()] ^= 1;
        }
        ImageBytes bytes = TestImages.of(content);
        List<OciDigests.Mismatch> found = OciDigests.check(SifImage.read(bytes), bytes);
        assertThat(found).extracting(each -> each.object().id()).containsExactly(1L, 2L);
        assertThat(found.get(0).toString())
                .contains("object 1 at byte 32176")
                .contains(objects.get(0).ociDigest().orElseThrow())
                .hasLineCount(1);
    }
}
