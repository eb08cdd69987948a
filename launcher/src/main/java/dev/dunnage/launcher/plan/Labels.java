package dev.dunnage.launcher.plan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Labels that builders write into data objects of an image. Those inside of the root file system are not looked at: they
 * would have to be unpacked first, and builders copy them into the object.
 */
final class Labels {
    private static final String METADATA = "inspect-metadata.json";
    private static final List<String> PLACE = List.of("data", "attributes", "labels");
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(32).build())
            .build();

    private Labels() {}

    /** Names and values; a later object does not change what an earlier one says. */
    static Map<String, String> of(SifImage image, ImageBytes bytes) throws IOException, SifFormatException {
        Map<String, String> labels = new TreeMap<>();
        for (SifObject object : image.objects()) {
            if (object.type() == DataType.LABELS) {
                add(image.metadata(bytes, object), List.of(), labels);
            } else if (object.type() == DataType.GENERIC_JSON && object.name().equals(METADATA)) {
                add(image.metadata(bytes, object), PLACE, labels);
            }
        }
        return labels;
    }

    /** What is no JSON holds no labels. */
    private static void add(byte[] json, List<String> place, Map<String, String> labels) throws IOException {
        try (JsonParser in = JSON.createParser(json)) {
            List<String> path = new ArrayList<>();
            for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
                switch (token) {
                    case START_OBJECT -> path.add("");
                    case END_OBJECT -> path.remove(path.size() - 1);
                    case FIELD_NAME -> path.set(path.size() - 1, in.currentName());
                    case START_ARRAY -> in.skipChildren();
                    case VALUE_STRING -> {
                        if (path.size() == place.size() + 1
                                && path.subList(0, place.size()).equals(place)) {
                            labels.putIfAbsent(path.get(place.size()), in.getText());
                        }
                    }
                    default -> {}
                }
            }
        } catch (JsonProcessingException e) {
            // labels that were read before the fault stay: they are the image's word as well
        }
    }
}
