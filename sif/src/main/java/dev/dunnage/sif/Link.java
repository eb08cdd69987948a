package dev.dunnage.sif;

/** What an object refers to. */
public sealed interface Link {
    /** No link. */
    record None() implements Link {}

    /** A link to the object with this id. */
    record ToObject(long id) implements Link {}

    /** A link to the group with this number. */
    record ToGroup(long group) implements Link {}
}
