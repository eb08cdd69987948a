package dev.dunnage.launcher.cli;

import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Header and objects of an image as members for JSON. */
final class SifFacts {
    private SifFacts() {}

    static Map<String, Object> header(SifImage image) {
        SifHeader header = image.header();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("launch", header.launchScript());
        facts.put("architecture", header.architecture().label());
        facts.put("id", header.id().toString());
        facts.put("created", time(header.created()));
        facts.put("modified", time(header.modified()));
        facts.put("descriptors-free", image.freeSlots());
        facts.put("descriptors-total", header.totalDescriptors());
        facts.put("descriptors-offset", header.tableOffset());
        facts.put("descriptors-size", header.tableSize());
        facts.put("data-offset", header.dataOffset());
        facts.put("data-size", header.dataSize());
        return facts;
    }

    /** What listings show. */
    static Map<String, Object> listed(SifObject object) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("id", object.id());
        facts.put("type", object.type().label());
        facts.put("group", object.group());
        facts.put("link", link(object.link()));
        facts.put("offset", object.offset());
        facts.put("size", object.size());
        facts.put("name", object.name());
        object.partition().ifPresent(partition -> {
            facts.put("filesystem", partition.fileSystem().label());
            facts.put("partition", partition.kind().label());
            facts.put("architecture", partition.architecture().label());
        });
        object.signature().ifPresent(signature -> {
            facts.put("hash", signature.hash().label());
            facts.put("fingerprint", signature.fingerprint());
        });
        object.message().ifPresent(message -> {
            facts.put("format", message.format().label());
            facts.put("message", message.kind().label());
        });
        object.sbom().ifPresent(format -> facts.put("format", format.label()));
        object.ociDigest().ifPresent(digest -> facts.put("digest", digest));
        return facts;
    }

    /** Everything in the descriptor. */
    static Map<String, Object> all(SifObject object) {
        Map<String, Object> facts = listed(object);
        facts.put("type-code", object.typeCode());
        facts.put("created", time(object.created()));
        facts.put("modified", time(object.modified()));
        facts.put("uid", object.uid());
        facts.put("gid", object.gid());
        return facts;
    }

    private static Optional<String> link(Link link) {
        if (link instanceof Link.ToObject object) {
            return Optional.of("object " + object.id());
        }
        return link instanceof Link.ToGroup group ? Optional.of("group " + group.group()) : Optional.empty();
    }

    /** The format has room for times that no calendar has. */
    private static String time(long seconds) {
        try {
            return Instant.ofEpochSecond(seconds).toString();
        } catch (DateTimeException e) {
            return seconds + " s";
        }
    }
}
