package dev.dunnage.launcher.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One decision. What users wrote, such as the name of the image, is told as text and cannot look like anything else.
 *
 * @param time when it was made
 * @param node where
 * @param step which one; empty when a user asked by himself, whose word for it does not count
 * @param uid user
 * @param user login name, when known
 * @param account Slurm account, when known
 * @param partition partition, when known
 * @param image resolved path
 * @param digest SHA-256 of the whole image in hex, when it was computed
 * @param signers fingerprints of keys whose signatures proved something, when signatures mattered
 * @param rule the rule that decided; empty when none did
 * @param file where it stands; empty when no rule decided
 * @param line likewise, 0 for none
 * @param verdict {@code allow} or {@code refuse}
 * @param code kind of refusal; empty when allowed
 * @param reason one line
 * @param driver how the image is mounted; empty when refused
 * @param trouble why the site's files on disk do not count, if they do not
 */
public record AuditRecord(
        Instant time,
        String node,
        Optional<Step> step,
        long uid,
        Optional<String> user,
        Optional<String> account,
        Optional<String> partition,
        String image,
        Optional<String> digest,
        List<String> signers,
        String rule,
        String file,
        int line,
        String verdict,
        String code,
        String reason,
        String driver,
        Optional<String> trouble) {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    /** Copies the list. */
    public AuditRecord {
        signers = List.copyOf(signers);
    }

    /**
     * A step.
     *
     * @param job Slurm's number
     * @param number Slurm's number of the step
     * @param restart how often the job was restarted
     */
    public record Step(long job, long number, long restart) {}

    /**
     * One line of JSON in plain ASCII, without a line break; {@code docs/json.md} describes it.
     *
     * @param limit most characters of a text, for channels that cut long lines
     */
    String json(int limit) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(text)) {
            write(out, limit);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private void write(JsonGenerator out, int limit) throws IOException {
        out.writeStartObject();
        out.writeStringField("time", time.toString());
        text(out, "node", Optional.of(node), limit);
        number(out, "job", step.map(Step::job));
        number(out, "step", step.map(Step::number));
        number(out, "restart", step.map(Step::restart));
        out.writeNumberField("uid", uid);
        text(out, "user", user, limit);
        text(out, "account", account, limit);
        text(out, "partition", partition, limit);
        text(out, "image", Optional.of(image), limit);
        text(out, "digest", digest, limit);
        out.writeArrayFieldStart("signers");
        for (String signer : signers) {
            out.writeString(signer);
        }
        out.writeEndArray();
        text(out, "rule", Optional.of(rule), limit);
        text(out, "file", Optional.of(file), limit);
        out.writeNumberField("line", line);
        out.writeStringField("verdict", verdict);
        out.writeStringField("code", code);
        text(out, "reason", Optional.of(reason), limit);
        out.writeStringField("driver", driver);
        text(out, "trouble", trouble, limit);
        out.writeEndObject();
    }

    private static void text(JsonGenerator out, String name, Optional<String> value, int limit) throws IOException {
        if (value.isPresent()) {
            String whole = value.get();
            out.writeStringField(name, whole.length() <= limit ? whole : whole.substring(0, limit) + "...");
        } else {
            out.writeNullField(name);
        }
    }

    private static void number(JsonGenerator out, String name, Optional<Long> value) throws IOException {
        if (value.isPresent()) {
            out.writeNumberField(name, value.get());
        } else {
            out.writeNullField(name);
        }
    }
}
