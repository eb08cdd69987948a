package dev.dunnage.sif.key;

/** Kinds of keys that can be made here. */
public enum KeyKind {
    /** EdDSA over Curve25519: small and fast. */
    ED25519,
    /** RSA with 4096 bits, which every tool reads; takes seconds to make. */
    RSA4096
}
