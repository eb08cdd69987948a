package dev.dunnage.sif.verify;

/** How much of an image is to be verified. */
public sealed interface VerifyScope {
    /** Every group that has objects: the only scope that speaks for an image as a whole. */
    record Image() implements VerifyScope {}

    /** The objects of one group. Other groups and their signatures do not matter. */
    record Group(long number) implements VerifyScope {}

    /** One object. The rest of its group may be damaged or missing, and signatures over the object alone count. */
    record SingleObject(long id) implements VerifyScope {}
}
