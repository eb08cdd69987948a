package dev.dunnage.mpi.gpu;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Version of NVIDIA's driver, or of a library that belongs to it.
 *
 * @param text numbers with dots between them, such as {@code 550.54.15}
 */
public record DriverVersion(String text) implements Comparable<DriverVersion> {
    private static final Pattern FILE = Pattern.compile(".+\\.so\\.([0-9]{1,6}(?:\\.[0-9]{1,6}){1,3})");

    /** The version at the end of a library's file name; empty when there is no such. */
    public static Optional<DriverVersion> ofFile(String name) {
        Matcher matcher = FILE.matcher(name);
        return matcher.matches() ? Optional.of(new DriverVersion(matcher.group(1))) : Optional.empty();
    }

    @Override
    public int compareTo(DriverVersion other) {
        return Arrays.compare(numbers(), other.numbers());
    }

    private int[] numbers() {
        return Arrays.stream(text.split("\\.", -1)).mapToInt(Integer::parseInt).toArray();
    }
}
