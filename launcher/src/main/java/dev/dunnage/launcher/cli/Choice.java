package dev.dunnage.launcher.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Values that users name by a word, or by the number that the image format has for them.
 *
 * @param option what it is chosen with, for messages
 */
record Choice<T>(String option, Map<String, T> words, ToIntFunction<T> number) {
    /** Words and values in turn. */
    static <T> Choice<T> of(String option, List<String> words, List<T> values, ToIntFunction<T> number) {
        Map<String, T> map = new LinkedHashMap<>();
        for (int at = 0; at < words.size(); at++) {
            map.put(words.get(at), values.get(at));
        }
        return new Choice<>(option, map, number);
    }

    T parse(String text) throws CommandFailure {
        String wanted = text.toLowerCase(Locale.ROOT);
        for (Map.Entry<String, T> each : words.entrySet()) {
            if (each.getKey().equals(wanted)
                    || Integer.toString(number.applyAsInt(each.getValue())).equals(wanted)) {
                return each.getValue();
            }
        }
        throw new CommandFailure(
                2, option + " " + text + " is not known; give one of " + String.join(", ", words.keySet()));
    }
}
