package dev.dunnage.launcher.oci;

/** Who owns the files of a converted image. */
public enum Owners {
    /** Root owns everything, as in images that Apptainer makes for an ordinary user. */
    ROOT,
    /** Numbers as in the layers, as Apptainer does it for root. */
    IMAGE
}
