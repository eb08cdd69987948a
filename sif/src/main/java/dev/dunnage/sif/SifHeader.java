package dev.dunnage.sif;

import java.util.UUID;

/**
 * The global header. Of these only launch script and id are covered by signatures.
 *
 * @param launchScript first bytes of the file, safe to print
 * @param architecture copy of the primary partition's; decide by the partition's own
 * @param created Unix seconds, any value
 * @param modified Unix seconds, any value
 * @param freeDescriptors as stored; see {@link SifImage#freeSlots()} for the recount
 * @param tableOffset start of the descriptor table
 * @param tableSize length of the descriptor table in bytes
 */
public record SifHeader(
        String launchScript,
        Architecture architecture,
        UUID id,
        long created,
        long modified,
        long freeDescriptors,
        int totalDescriptors,
        long tableOffset,
        long tableSize,
        long dataOffset,
        long dataSize) {

    /** Whether id and times are those that writers use to make equal images of equal objects. */
    public boolean isDeterministic() {
        return id.equals(new UUID(0, 0)) && created == SifLayout.NO_TIME && modified == SifLayout.NO_TIME;
    }
}
