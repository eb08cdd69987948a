package dev.dunnage.launcher.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.dunnage.sif.Architecture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the configuration of an OCI image says.
 *
 * @param created when the image was made, as it claims
 * @param environment {@code NAME=value} in the order of the document
 * @param diffIds digests of the layers when uncompressed, lowest layer first
 */
public record OciConfig(
        Architecture architecture,
        Optional<Long> created,
        List<String> environment,
        List<String> entrypoint,
        List<String> command,
        Map<String, String> labels,
        List<String> diffIds) {
    /**
     * Reads a configuration document.
     *
     * @throws OciException when it is none, or the image is not for Linux
     */
    public static OciConfig parse(byte[] content) throws OciException {
        OciJson json = OciJson.parse("the image's configuration", content);
        String system = json.text("os").orElse("linux");
        if (!system.equals("linux")) {
            throw new OciException("the image is for another system than Linux; choose a Linux image");
        }
        OciJson config = json.object("config");
        return new OciConfig(
                json.text("architecture").flatMap(Architecture::named).orElse(Architecture.UNKNOWN),
                json.text("created").flatMap(OciConfig::seconds),
                config.texts("Env"),
                config.texts("Entrypoint"),
                config.texts("Cmd"),
                config.map("Labels"),
                diffIds(json));
    }

    /** The member {@code config} of a configuration document, which SIF images carry along. */
    public static byte[] imageConfig(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonFactory factory = new JsonFactory();
        try (JsonParser in = factory.createParser(content);
                JsonGenerator out = factory.createGenerator(bytes)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean isConfig = in.currentName().equals("config");
                if (in.nextToken() == JsonToken.START_OBJECT && isConfig) {
                    out.copyCurrentStructure(in);
                } else {
                    in.skipChildren();
                }
            }
        }
        return bytes.size() == 0 ? new byte[] {'{', '}'} : bytes.toByteArray();
    }

    private static List<String> diffIds(OciJson json) throws OciException {
        List<String> ids = json.object("rootfs").texts("diff_ids");
        for (String id : ids) {
            OciDescriptor.checked(id, json.document());
        }
        return ids;
    }

    private static Optional<Long> seconds(String time) {
        try {
            return Optional.of(OffsetDateTime.parse(time).toEpochSecond());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
