package io.fedfs.junction;

import io.fedfs.protocol.Fsn;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a junction says.
 *
 * @param fsn the fileset that the directory stands for
 * @param inTrustedNamespace whether it was found in {@code trusted.*}, which only a privileged process writes; a junction in
 *     {@code user.*} may have been made by anyone who could write to the directory
 * @param savedMode the permission bits that the directory had before, and gets back when the junction is deleted; -1 when
 *     none are recorded
 * @param annotations name to value, never interpreted by fedfs (requirement R14a)
 */
public record Junction(Fsn fsn, boolean inTrustedNamespace, int savedMode, SortedMap<String, String> annotations) {
    public Junction {
        annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    }
}
